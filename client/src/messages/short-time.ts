import { clockTime } from '../time/clock-time.js';
import { dayOf, formatter } from '../time/day.js';
import { locale } from '../words/words.js';

/** "14:02" of today, "23 Nov" of other days, as the reader's own calendar has them. */
export function shortTime(instant: string, now: number): string {
  if (dayOf(instant) === dayOf(now)) return clockTime(instant);
  return formatter(locale(), { day: 'numeric', month: 'short' }).format(new Date(instant));
}
