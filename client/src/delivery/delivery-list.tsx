import { useId } from 'react';
import { LoadError, Skeleton } from '../ui/list-states.js';
import { PageLink } from '../ui/page-link.js';
import { say } from '../words/words.js';

/** A row of such a list, in words. */
export interface DeliveryRow {
  readonly key: number;
  /** The page that it leads to; without it, it leads nowhere. */
  readonly to?: string;
  readonly title: string;
  readonly when: string;
  /** What is empty is left out. */
  readonly text: readonly string[];
}

interface DeliveryListProps<T, S extends string> {
  readonly title: string;
  /** The states to choose from; without them it is one list. */
  readonly states?: readonly { readonly value: S; readonly label: string }[];
  readonly state?: S;
  readonly onState?: (state: S) => void;
  readonly pages: {
    readonly items: readonly T[] | undefined;
    readonly hasMore: boolean;
    readonly error: string;
    readonly loadMore: () => void;
    readonly reload: () => void;
  };
  readonly empty: string;
  readonly row: (item: T) => DeliveryRow;
}

/** A list of what was to reach people, page by page. */
export function DeliveryList<T, S extends string>({
  title,
  states = [],
  state,
  onState,
  pages,
  empty,
  row,
}: DeliveryListProps<T, S>) {
  const id = useId();
  const { items, hasMore, error, loadMore, reload } = pages;
  return (
    <section className="card delivery__part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {states.length > 0 && (
        <fieldset className="segments">
          <legend className="sr-only">{say('delivery.state', { title })}</legend>
          {states.map(({ value, label }) => (
            <label key={value} className="segment">
              <input type="radio" name={id} checked={value === state} onChange={() => onState?.(value)} />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
      )}
      {error !== '' && <LoadError text={error} onRetry={reload} />}
      {!items && error === '' && <Skeleton label={say('delivery.loading', { title })} />}
      {items?.length === 0 && <p className="muted">{empty}</p>}
      {items && items.length > 0 && (
        <ul className="delivery__rows" aria-label={title}>
          {items.map(row).map(({ key, to, title: name, when, text }) => (
            <li key={key}>
              {to === undefined ? (
                <span className="words">{name}</span>
              ) : (
                <PageLink to={to} className="words">
                  {name}
                </PageLink>
              )}
              <span className="muted small delivery__when">{when}</span>
              <span className="small words delivery__text">{text.filter(Boolean).join(' · ')}</span>
            </li>
          ))}
        </ul>
      )}
      {hasMore && (
        <button
          type="button"
          className="button"
          onClick={loadMore}
          aria-label={say('delivery.moreOf', { title })}
        >
          {say('common.more')}
        </button>
      )}
    </section>
  );
}
