import { useCallback, useEffect, useState } from 'react';
import { explain } from '../api/problem.js';
import type { Page } from '../api/types.js';

/** So often what is looked at is read again. */
const everyMs = 15_000;

/** What the server answers to a question, which is asked again and again while the page is in view. */
export function useLoaded<T>(ask: () => Promise<T>) {
  const [known, setKnown] = useState<Known<T>>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    const load = (): void =>
      void ask().then(
        (loaded) => isCurrent && setKnown({ of: ask, loaded, error: '' }),
        (reason: unknown) =>
          isCurrent &&
          setKnown((before) => ({
            of: ask,
            loaded: before?.of === ask ? before.loaded : undefined,
            error: explain(reason),
          })),
      );
    load();
    const timer = setInterval(() => document.visibilityState === 'visible' && load(), everyMs);
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [ask, round]);
  const { loaded, error } = known?.of === ask ? known : { loaded: undefined, error: '' };
  return { loaded, error, reload: useCallback(() => setRound((n) => n + 1), []) };
}

/** What is known of a question: of another one it says nothing. */
interface Known<T> {
  readonly of: unknown;
  readonly loaded: T | undefined;
  readonly error: string;
}

/** A list that is read page by page; its first page again and again, while no other was asked for. */
export function usePages<T>(ask: (after: string | null) => Promise<Page<T>>) {
  const first = useLoaded(useCallback(() => ask(null), [ask]));
  const [known, setKnown] = useState<Known<Page<T>>>();
  const more = known?.of === ask ? known : undefined;
  const shown = more?.loaded ?? first.loaded;

  function loadMore(): void {
    ask(shown?.next ?? null).then(
      ({ items, next }) =>
        setKnown({ of: ask, loaded: { items: [...(shown?.items ?? []), ...items], next }, error: '' }),
      (reason: unknown) => setKnown({ of: ask, loaded: more?.loaded, error: explain(reason) }),
    );
  }

  return {
    items: shown?.items,
    hasMore: (shown?.next ?? null) !== null,
    error: more?.error || first.error,
    loadMore,
    reload: first.reload,
  };
}
