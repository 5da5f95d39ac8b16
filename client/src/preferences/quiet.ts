import type { Preferences } from '../api/types.js';

/** Whether the clock in their zone shows an hour that is to be quiet. @param now ms since the epoch */
export function isQuiet(quietHours: Preferences['quietHours'], now: number): boolean {
  if (quietHours === null) return false;
  const { from, to, zone } = quietHours;
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(now);
  return from < to ? time >= from && time < to : time >= from || time < to;
}
