import { formatter } from './day.js';
import { say } from '../words/words.js';

/**
 * What to tell a reader whose own clock shows another time than the clinic's.
 * @returns undefined when both clocks agree at that instant, whatever their zones are called
 */
export function zoneNote(zone: string, at: number, ownZone?: string): string | undefined {
  const theirs = offset(at, zone);
  return theirs === offset(at, ownZone)
    ? undefined
    : say('time.zone', { zone: zone.replaceAll('_', ' '), offset: theirs });
}

function offset(at: number, zone: string | undefined): string {
  const parts = formatter('en-GB', {
    ...(zone !== undefined && { timeZone: zone }),
    timeZoneName: 'longOffset',
  }).formatToParts(at);
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
  return name === 'GMT' ? 'GMT+00:00' : name;
}
