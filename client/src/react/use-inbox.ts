import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { Filter, InboxCounts, InboxItem } from '../inbox/inbox-api.js';
import { extentOf, visible } from '../inbox/inbox-list.js';
import type { Inbox } from '../inbox/inbox.js';

/** A list of an inbox, as a component shows it, and what its user can do. */
export interface InboxView<Item extends InboxItem> extends InboxActs<Item> {
  /** Newest first. In `unread` those stay that were read here: a row mustn't go from under the pointer. */
  readonly items: readonly Item[];
  readonly counts: InboxCounts;
  /** Whether its newest rows are known, or that there are none. */
  readonly isLoaded: boolean;
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  /** Why the last request for rows failed. */
  readonly error: Error | null;
  /** When the rows were last known to be complete, a reading of the clock's `monotonic`. */
  readonly asOf: number | null;
  /** They are what a former page knew: the server hasn't answered yet. */
  readonly isKept: boolean;
}

/** What can be done with rows. It is shown at once, and taken back where the server refuses. */
export interface InboxActs<Item extends InboxItem> {
  loadMore(): Promise<void>;
  reload(): Promise<void>;
  markRead(item: Item): Promise<void>;
  markUnread(item: Item): Promise<void>;
  /** What arrives meanwhile stays unread. @returns those that were unread, as far as they are loaded */
  markAllRead(): Promise<readonly Item[]>;
  archive(item: Item): Promise<void>;
  putBack(item: Item): Promise<void>;
}

/** A list of an inbox, kept current. The inbox was made, and is started and ended, outside of React. */
export function useInbox<Item extends InboxItem>(
  inbox: Inbox<Item>,
  filter: Filter = 'all',
): InboxView<Item> {
  const { list, loading, error, asOf, isKept } = useSyncExternalStore(
    inbox.state.subscribe,
    inbox.state.get,
    inbox.state.get,
  );
  const [read, setRead] = useState<Read>({ filter, ids: none });
  const ids = read.filter === filter ? read.ids : none;

  const extent = extentOf(list, filter);
  const items = visible(list, filter, ids);
  const hasMore = extent !== undefined && extent.next !== null;
  // Of a page that holds nothing to show, the next one is wanted, and not a click.
  const isSearching = items.length === 0 && hasMore && error === null;
  // A page that was away loads anew what it had loaded, but not what was put away.
  const isForgotten = extent === undefined && error === null;
  const isIdle = loading === null;
  useEffect(() => {
    if (isIdle && isSearching) void inbox.loadMore(filter);
    if (isIdle && isForgotten) void inbox.load(filter);
  }, [inbox, filter, isIdle, isSearching, isForgotten]);

  const acts = useMemo<InboxActs<Item>>(() => {
    const stay = ({ id }: Item) =>
      setRead((before) => ({ filter, ids: new Set(before.filter === filter ? before.ids : none).add(id) }));
    return {
      loadMore: () => inbox.loadMore(filter),
      reload: () => inbox.load(filter),
      markRead(item) {
        stay(item);
        return inbox.markRead(item);
      },
      markUnread(item) {
        stay(item);
        return inbox.markUnread([item]);
      },
      markAllRead: () => inbox.markAllRead(),
      archive: (item) => inbox.archive(item),
      putBack: (item) => inbox.putBack(item),
    };
  }, [inbox, filter]);

  return {
    ...{ items, counts: list.counts, hasMore, error, asOf, isKept },
    ...{ isLoaded: extent !== undefined && !isSearching, isLoading: loading === filter },
    ...acts,
  };
}

/** Rows that were read here, of one list. */
interface Read {
  readonly filter: Filter;
  readonly ids: ReadonlySet<number>;
}

const none: ReadonlySet<number> = new Set();
