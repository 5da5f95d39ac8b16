import type { Http } from './http.js';
import type { AnnouncementPage } from './types.js';

/** Tells everybody something; for operators. */
export function announce(http: Http, message: string): Promise<void> {
  return http('/announcements', { method: 'POST', body: { message } });
}

/** Newest first. @param before the `next` of the page before; undefined for the first */
export function listAnnouncements(http: Http, before: string | undefined): Promise<AnnouncementPage> {
  const query = new URLSearchParams({ limit: '20', ...(before !== undefined && { before }) });
  return http(`/announcements?${query}`);
}
