import { dayOf, formatter, longDay, nearness } from './day.js';
import { locale, say } from '../words/words.js';

/** "14:00" on the wall clock of a zone; without one, on the browser's. */
export function clockTime(instant: string | number, zone?: string): string {
  return formatter(locale(), { ...(zone !== undefined && { timeZone: zone }), timeStyle: 'short' }).format(
    new Date(instant),
  );
}

/** "today at 14:00", "Monday 23 November at 14:00". */
export function dayAndTime(instant: string, zone: string, now: number): string {
  const today = dayOf(now, zone);
  const day = dayOf(instant, zone);
  const near = nearness(day, today) ?? 'other';
  return say('time.dayAt', { near, day: longDay(day, today), time: clockTime(instant, zone) });
}

/** "in 12 min", "in 3 h", "now"; undefined when it is over or further than a day. */
export function until(instant: string, now: number): string | undefined {
  const minutes = Math.ceil((Date.parse(instant) - now) / 60_000);
  if (minutes < 0 || minutes > 24 * 60) return undefined;
  if (minutes === 0) return say('time.now');
  return minutes < 60
    ? say('time.inMinutes', { minutes })
    : say('time.inHours', { hours: Math.round(minutes / 60) });
}

/** "just now", "4 min ago", then the clock. */
export function ago(instant: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(instant)) / 60_000);
  if (minutes < 1) return say('time.justNow');
  if (minutes < 60) return say('time.minutesAgo', { minutes });
  return clockTime(instant);
}
