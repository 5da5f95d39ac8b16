import type { Http } from './http.js';
import type { Counts, Notification, NotificationPage } from './types.js';

/** Which entries of the inbox a list shows. */
export type Filter = 'all' | 'unread' | 'archived';

/** Which page of the inbox is asked for. */
export interface PageQuery {
  readonly filter: Filter;
  readonly limit: number;
  /** The `next` of the page before; undefined for the first. */
  readonly before?: string | undefined;
}

/** Newest first. */
export function listNotifications(
  http: Http,
  { filter, limit, before }: PageQuery,
): Promise<NotificationPage> {
  const query = new URLSearchParams({
    filter,
    limit: String(limit),
    ...(before !== undefined && { before }),
  });
  return http(`/notifications?${query}`);
}

/** Reads how many notifications nobody has seen, and how many nobody has read. */
export function countNotifications(http: Http): Promise<Counts> {
  return http('/notifications/counts');
}

/** What may be marked of a notification. */
export type Marks = Partial<Pick<Notification, 'isRead' | 'isSeen' | 'isArchived'>>;

/** Marks one notification. */
export function markNotification(http: Http, id: number, marks: Marks): Promise<Notification> {
  return http(`/notifications/${id}`, { method: 'PATCH', body: marks });
}

/** What arrives during the call stays unread. */
export function readAll(http: Http, upTo: string): Promise<{ readonly changed: number }> {
  return http('/notifications/read-all', { method: 'POST', body: { upTo } });
}
