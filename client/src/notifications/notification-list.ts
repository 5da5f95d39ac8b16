import type { Filter, Marks } from '../api/notifications.js';
import type { Counts, InboxNews, Notification, NotificationPage } from '../api/types.js';

/** What of a list has been loaded: it is complete from seq `floor` to seq `ceiling`. */
export interface Extent {
  readonly floor: number;
  readonly ceiling: number;
  readonly next: string | null;
}

/** The notifications that the page knows, and which pages of them. */
export interface NotificationList {
  readonly byId: ReadonlyMap<number, Notification>;
  /** Undefined until the first page is there. */
  readonly extents: Readonly<Record<Filter, Extent | undefined>>;
  readonly counts: Counts;
  /** The newest place in the inbox that we know: where to resume, and up to where "all" reaches. */
  readonly cursor: string | undefined;
}

/** A list of which nothing is known yet. */
export const emptyList: NotificationList = {
  byId: new Map(),
  extents: { all: undefined, unread: undefined, archived: undefined },
  counts: { unseen: 0, unread: 0 },
  cursor: undefined,
};

/** Takes a page in, first or further. */
export function withPage(
  list: NotificationList,
  filter: Filter,
  page: NotificationPage,
  isFirst: boolean,
): NotificationList {
  const seqs = page.items.map(({ seq }) => seq);
  const lowest = page.next === null ? 0 : Math.min(...seqs);
  const old = list.extents[filter];
  const ceiling = Math.max(old?.ceiling ?? 0, ...seqs);
  // A fresh first page adds to the top of what was loaded. But only when it reaches down to that: else
  // there would be a hole between them.
  const isJoined = isFirst && old && lowest <= old.ceiling && old.floor <= lowest;
  const extent = isJoined ? { ...old, ceiling } : { floor: lowest, ceiling, next: page.next };
  return {
    ...list,
    byId: put(list.byId, page.items),
    extents: { ...list.extents, [filter]: extent },
    counts: page.counts,
    cursor: isFirst ? page.cursor : list.cursor,
  };
}

/** The list as the server has it, of pages without a gap from its newest row on: nothing of before is left. */
export function fromPages(
  pages: Readonly<Partial<Record<Filter, readonly NotificationPage[]>>>,
): NotificationList {
  return (['unread', 'all'] as const).reduce<NotificationList>(
    (list, filter) =>
      (pages[filter] ?? []).reduce((before, page, i) => withPage(before, filter, page, i === 0), list),
    emptyList,
  );
}

/** Takes in one that rang. One that we have already changes nothing, so a replay counts nothing twice. */
export function withArrival(list: NotificationList, arrival: Notification): NotificationList {
  const cursor = arrival.cursor;
  if (list.byId.has(arrival.id)) return { ...list, cursor };
  return {
    ...list,
    cursor,
    byId: put(list.byId, [arrival]),
    extents: {
      all: raised(list.extents.all, arrival),
      unread: raised(list.extents.unread, arrival),
      archived: raised(list.extents.archived, arrival),
    },
    counts: {
      unseen: list.counts.unseen + (arrival.isSeen ? 0 : 1),
      unread: list.counts.unread + (arrival.isRead ? 0 : 1),
    },
  };
}

/** Changes marks at once, before the server has said yes. What was read or put away has been seen. */
export function withMarks(list: NotificationList, ids: readonly number[], marks: Marks): NotificationList {
  const before = ids.map((id) => list.byId.get(id)).filter((item) => item !== undefined);
  const after = before.map((item) => ({
    ...item,
    ...marks,
    ...((marks.isRead === true || marks.isArchived === true) && { isSeen: true }),
  }));
  const change = (is: (item: Notification) => boolean) => after.filter(is).length - before.filter(is).length;
  return {
    ...list,
    byId: put(list.byId, after),
    counts: {
      unseen: Math.max(0, list.counts.unseen + change(isUnseen)),
      unread: Math.max(0, list.counts.unread + change(isUnread)),
    },
  };
}

/** Takes over what another window did to rows that we have. */
export function withNews(list: NotificationList, news: InboxNews): NotificationList {
  const marks = marksOf[news.state ?? ''];
  return { ...(marks ? withMarks(list, idsOf(list, news), marks) : list), counts: news.counts };
}

const marksOf: Readonly<Partial<Record<string, Marks>>> = {
  seen: { isSeen: true },
  unseen: { isSeen: false, isRead: false },
  read: { isRead: true },
  unread: { isRead: false },
  archived: { isArchived: true },
  unarchived: { isArchived: false },
};

function idsOf({ byId, cursor }: NotificationList, { ids, upTo, filter }: InboxNews): readonly number[] {
  if (ids) return ids;
  const items = [...byId.values()];
  const last = upTo === cursor ? Infinity : (items.find((item) => item.cursor === upTo)?.seq ?? 0);
  return items
    .filter((item) => item.seq <= last)
    .filter((item) => (filter === 'unread' ? isUnread(item) : filter !== 'archived' || item.isArchived))
    .map(({ id }) => id);
}

/** Nobody has taken note of it yet, on any device. */
export function isOpen({ byId }: NotificationList, id: number): boolean {
  const item = byId.get(id);
  return item !== undefined && !item.isRead && isUnseen(item);
}

/**
 * Newest first, as far down as it is complete.
 * @param kept ids that stay in "unread" though they were read just now: rows must not go from under the pointer
 */
export function visible(
  list: NotificationList,
  filter: Filter,
  kept: ReadonlySet<number>,
): readonly Notification[] {
  const floor = list.extents[filter]?.floor ?? 0;
  return [...list.byId.values()]
    .filter((item) => item.seq >= floor && item.isArchived === (filter === 'archived'))
    .filter((item) => filter !== 'unread' || !item.isRead || kept.has(item.id))
    .toSorted((a, b) => b.seq - a.seq);
}

/** Numbers have no holes, so the next one leaves the list complete; a later one doesn't. */
function raised(extent: Extent | undefined, { seq }: Notification): Extent | undefined {
  return extent && seq === extent.ceiling + 1 ? { ...extent, ceiling: seq } : extent;
}

function isUnseen({ isSeen, isArchived }: Notification): boolean {
  return !isSeen && !isArchived;
}

function isUnread({ isRead, isArchived }: Notification): boolean {
  return !isRead && !isArchived;
}

function put(byId: NotificationList['byId'], items: readonly Notification[]): NotificationList['byId'] {
  return new Map([...byId, ...items.map((item) => [item.id, item] as const)]);
}
