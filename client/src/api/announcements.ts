import type { Http } from './http.js';

export function announce(http: Http, message: string): Promise<void> {
  return http('/announcements', { method: 'POST', body: { message } });
}
