import { clock } from '../state/clock.js';
import { clockTime } from './clock-time.js';
import { dayOf, formatter } from './day.js';
import { locale } from '../words/words.js';

/** When something was known last: "10:42", or "27 Nov, 10:42" where that isn't today. @param asOf a reading of `steadyNow` */
export function asOfTime(asOf: number): string {
  const at = clock.at(asOf);
  const time = clockTime(at);
  if (dayOf(at) === dayOf(clock.now())) return time;
  return `${formatter(locale(), { day: 'numeric', month: 'short' }).format(at)}, ${time}`;
}
