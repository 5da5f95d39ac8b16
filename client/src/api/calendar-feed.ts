import type { Http } from './http.js';
import type { CalendarFeed, NewCalendarFeed } from './types.js';

/** Whether there is an address for other calendars. */
export function getCalendarFeed(http: Http): Promise<CalendarFeed> {
  return http('/calendar');
}

/** The one before is no good any more. */
export function openCalendarFeed(http: Http): Promise<NewCalendarFeed> {
  return http('/calendar', { method: 'POST' });
}

/** From now on the address is no good. */
export function closeCalendarFeed(http: Http): Promise<void> {
  return http('/calendar', { method: 'DELETE' });
}
