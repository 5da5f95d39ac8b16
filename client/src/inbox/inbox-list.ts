import type { Filter, InboxCounts, InboxItem, InboxNews, InboxPage, Marks } from './inbox-api.js';

/** What of a list has been loaded: it is complete from seq `floor` to seq `ceiling`. */
export interface Extent {
  readonly floor: number;
  readonly ceiling: number;
  readonly next: string | null;
}

/** The rows that the page knows, and which pages of them. */
export interface InboxList<Item extends InboxItem> {
  readonly byId: ReadonlyMap<number, Item>;
  /** Undefined until the first page is there. */
  readonly extents: Readonly<Record<Filter, Extent | undefined>>;
  readonly counts: InboxCounts;
  /** The newest place in the inbox that we know: where to resume, and up to where "all" reaches. */
  readonly cursor: string | undefined;
}

/** A list of which nothing is known yet. */
export function emptyList<Item extends InboxItem>(): InboxList<Item> {
  return {
    byId: new Map(),
    extents: { all: undefined, unread: undefined, archived: undefined },
    counts: { unseen: 0, unread: 0 },
    cursor: undefined,
  };
}

/** Takes a page in, first or further. */
export function withPage<Item extends InboxItem>(
  list: InboxList<Item>,
  filter: Filter,
  page: InboxPage<Item>,
  isFirst: boolean,
): InboxList<Item> {
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
export function fromPages<Item extends InboxItem>(
  pages: Readonly<Partial<Record<Filter, readonly InboxPage<Item>[]>>>,
): InboxList<Item> {
  return (['unread', 'all'] as const).reduce<InboxList<Item>>(
    (list, filter) =>
      (pages[filter] ?? []).reduce((before, page, i) => withPage(before, filter, page, i === 0), list),
    emptyList(),
  );
}

/** The newest rows as one page, as the server would answer; undefined where it hasn't answered yet. */
export function newestPage<Item extends InboxItem>(
  list: InboxList<Item>,
  limit: number,
): InboxPage<Item> | undefined {
  const { cursor, counts, extents } = list;
  if (!extents.all || cursor === undefined) return undefined;
  const rows = visible(list, 'all', new Set());
  const items = rows.slice(0, limit);
  const next = items.length < rows.length ? (items.at(-1)?.cursor ?? null) : extents.all.next;
  return { items, next, counts, cursor };
}

/** How far down a list is complete. Whatever of the inbox is known, its unread rows are among it. */
export function extentOf<Item extends InboxItem>(
  { extents }: InboxList<Item>,
  filter: Filter,
): Extent | undefined {
  return extents[filter] ?? (filter === 'unread' ? extents.all : undefined);
}

/** Takes in one that rang. One that we have already changes nothing, so a replay counts nothing twice. */
export function withArrival<Item extends InboxItem>(list: InboxList<Item>, arrival: Item): InboxList<Item> {
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
export function withMarks<Item extends InboxItem>(
  list: InboxList<Item>,
  ids: readonly number[],
  marks: Marks,
): InboxList<Item> {
  const before = ids.map((id) => list.byId.get(id)).filter((item) => item !== undefined);
  const after = before.map((item) => ({
    ...item,
    ...marks,
    ...((marks.isRead === true || marks.isArchived === true) && { isSeen: true }),
  }));
  const change = (is: (item: InboxItem) => boolean) => after.filter(is).length - before.filter(is).length;
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
export function withNews<Item extends InboxItem>(list: InboxList<Item>, news: InboxNews): InboxList<Item> {
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

function idsOf({ byId, cursor }: InboxList<InboxItem>, { ids, upTo, filter }: InboxNews): readonly number[] {
  if (ids) return ids;
  const items = [...byId.values()];
  const last = upTo === cursor ? Infinity : (items.find((item) => item.cursor === upTo)?.seq ?? 0);
  return items
    .filter((item) => item.seq <= last)
    .filter((item) => (filter === 'unread' ? isUnread(item) : filter !== 'archived' || item.isArchived))
    .map(({ id }) => id);
}

/** Nobody has taken note of it yet, on any device. */
export function isOpen({ byId }: InboxList<InboxItem>, id: number): boolean {
  const item = byId.get(id);
  return item !== undefined && !item.isRead && isUnseen(item);
}

/**
 * Newest first, as far down as it is complete.
 * @param kept ids that stay in "unread" though they were read just now: rows must not go from under the pointer
 */
export function visible<Item extends InboxItem>(
  list: InboxList<Item>,
  filter: Filter,
  kept: ReadonlySet<number>,
): readonly Item[] {
  const floor = extentOf(list, filter)?.floor ?? 0;
  return [...list.byId.values()]
    .filter((item) => item.seq >= floor && item.isArchived === (filter === 'archived'))
    .filter((item) => filter !== 'unread' || !item.isRead || kept.has(item.id))
    .toSorted((a, b) => b.seq - a.seq);
}

/** Numbers have no holes, so the next one leaves the list complete; a later one doesn't. */
function raised(extent: Extent | undefined, { seq }: InboxItem): Extent | undefined {
  return extent && seq === extent.ceiling + 1 ? { ...extent, ceiling: seq } : extent;
}

function isUnseen({ isSeen, isArchived }: InboxItem): boolean {
  return !isSeen && !isArchived;
}

function isUnread({ isRead, isArchived }: InboxItem): boolean {
  return !isRead && !isArchived;
}

function put<Item extends InboxItem>(
  byId: ReadonlyMap<number, Item>,
  items: readonly Item[],
): ReadonlyMap<number, Item> {
  return new Map([...byId, ...items.map((item) => [item.id, item] as const)]);
}
