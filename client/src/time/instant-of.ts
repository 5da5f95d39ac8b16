import { formatter, type Day } from './day.js';

/**
 * When the wall clock of a zone shows a day and a time. What it shows twice, in autumn, is the first time; what it skips,
 * in spring, is as long after the skip as it would have been after its start. As `Zone.instantOf` of the server has it.
 * @param time `HH:MM`; `24:00` is the end of the day
 */
export function instantOf(day: Day, time: string, zone: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const wanted = Date.parse(day) + (hours * 60 + minutes) * 60_000;
  const before = wanted - offset(wanted - dayMs, zone);
  const after = wanted - offset(wanted + dayMs, zone);
  const first = [Math.min(before, after), Math.max(before, after)].find(
    (instant) => instant + offset(instant, zone) === wanted,
  );
  return first ?? before;
}

const dayMs = 24 * 60 * 60_000;

/** By how much the zone's clock is ahead of UTC, in ms. */
function offset(instant: number, zone: string): number {
  const parts = formatter('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((one) => one.type === type)?.value ?? 0);
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return shown - Math.floor(instant / 60_000) * 60_000;
}
