import type { Http } from './http.js';
import type { Counts, Notification, NotificationPage } from './types.js';

export type Filter = 'all' | 'unread';

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

export function countNotifications(http: Http): Promise<Counts> {
  return http('/notifications/counts');
}

export type Marks = Partial<Pick<Notification, 'isRead' | 'isSeen' | 'isArchived'>>;

export function markNotification(http: Http, id: number, marks: Marks): Promise<Notification> {
  return http(`/notifications/${id}`, { method: 'PATCH', body: marks });
}

/** What arrives during the call stays unread. */
export function readAll(http: Http, upTo: string): Promise<{ readonly changed: number }> {
  return http('/notifications/read-all', { method: 'POST', body: { upTo } });
}
