import { clockTime } from './clock-time.js';
import { dayOf, shortDay } from './day.js';
import { say } from '../words/words.js';

/**
 * What the reader's own clock shows at an instant of the clinic's calendar: "08:00 your time", with the day where that is
 * another one too.
 * @returns undefined when both clocks agree then
 */
export function ownTime(instant: string, zone: string, ownZone?: string): string | undefined {
  const [own, theirs] = [clockTime(instant, ownZone), clockTime(instant, zone)];
  const [ownDay, theirDay] = [dayOf(instant, ownZone), dayOf(instant, zone)];
  if (own === theirs && ownDay === theirDay) return undefined;
  const time = [ownDay === theirDay ? undefined : shortDay(ownDay), own].filter(Boolean).join(', ');
  return say('time.own', { time });
}
