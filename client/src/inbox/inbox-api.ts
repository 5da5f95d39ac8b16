/** A row of an inbox, as far as the inbox needs to know it; an application's own has more. */
export interface InboxItem {
  readonly id: number;
  /** In the order of commits, without holes. */
  readonly seq: number;
  /** Its place, to go on from. */
  readonly cursor: string;
  /** When a device said first that it has the row. */
  readonly deliveredAt: string | null;
  readonly isSeen: boolean;
  readonly isRead: boolean;
  readonly isArchived: boolean;
}

/** How many rows nobody has seen, and how many nobody has read. */
export interface InboxCounts {
  readonly unseen: number;
  readonly unread: number;
}

/** Rows, newest first. */
export interface InboxPage<Item> {
  readonly items: readonly Item[];
  /** Names the page after it; null at the end. */
  readonly next: string | null;
  readonly counts: InboxCounts;
  /** The head of the inbox: who goes on from there misses nothing that this page doesn't have. */
  readonly cursor: string;
}

/** What was marked on one of the user's devices, and the counts since: the body of `event-type: inbox`. */
export interface InboxNews {
  readonly counts: InboxCounts;
  readonly state?: string | undefined;
  readonly ids?: readonly number[] | undefined;
  readonly upTo?: string | undefined;
  readonly filter?: string | undefined;
  /** More than can be told: all is to be asked for again. */
  readonly reload?: boolean | undefined;
}

/** Which rows a list shows. */
export type Filter = 'all' | 'unread' | 'archived';

/** What may be marked of a row. */
export type Marks = Partial<Pick<InboxItem, 'isRead' | 'isSeen' | 'isArchived'>>;

/** Which page is asked for. */
export interface PageQuery {
  readonly filter: Filter;
  readonly limit: number;
  /** The `next` of the page before; undefined for the first. */
  readonly before?: string | undefined;
}

/** What the inbox asks of the server. Each rejects where it was refused, or where no answer came. */
export interface InboxApi<Item extends InboxItem> {
  list(query: PageQuery): Promise<InboxPage<Item>>;
  counts(): Promise<InboxCounts>;
  mark(id: number, marks: Marks): Promise<unknown>;
  /** What arrives during the call stays unread. */
  readAll(upTo: string): Promise<unknown>;
  /** This device has these rows now: 1,000 at most. */
  acknowledge(ids: readonly number[]): Promise<unknown>;
}

/** Sends a request with its user's token, and resolves with the JSON of the answer. */
export type Ask = <T>(
  path: string,
  request?: { readonly method?: 'POST' | 'PATCH'; readonly body?: unknown },
) => Promise<T>;

/** The inbox of a Carillon's REST API. @param ask is given paths below `/api`, as `/notifications?limit=20` */
export function inboxByRest<Item extends InboxItem>(ask: Ask): InboxApi<Item> {
  return {
    list({ filter, limit, before }) {
      const query = new URLSearchParams({ filter, limit: String(limit) });
      if (before !== undefined) query.set('before', before);
      return ask(`/notifications?${query}`);
    },
    counts: () => ask('/notifications/counts'),
    mark: (id, marks) => ask(`/notifications/${id}`, { method: 'PATCH', body: marks }),
    acknowledge: (ids) => ask('/notifications/ack', { method: 'POST', body: { ids } }),
    readAll: (upTo) => ask('/notifications/read-all', { method: 'POST', body: { upTo } }),
  };
}
