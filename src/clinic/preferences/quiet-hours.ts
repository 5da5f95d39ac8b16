import { Zone } from '../appointments/zone.js';

/** A part of each day, by the wall clock of a zone; over midnight where `from` is later than `to`. */
export interface QuietHours {
  /** `HH:MM`, the first quiet minute. */
  readonly from: string;
  /** `HH:MM`, the first minute that isn't quiet any more. */
  readonly to: string;
  /** IANA. */
  readonly zone: string;
}

/**
 * When the quiet hours end that this instant lies in; undefined where it lies in none. What the clock shows twice, in
 * autumn, ends them the first time.
 */
export function quietUntil({ from, to, zone: name }: QuietHours, instant: Date): Date | undefined {
  const zone = new Zone(name);
  const { minuteOfDay: now, ...date } = zone.wallTimeOf(instant);
  const [start, end] = [minuteOf(from), minuteOf(to)];
  const isOverMidnight = start > end;
  const isQuiet = isOverMidnight ? now >= start || now < end : now >= start && now < end;
  if (!isQuiet) return undefined;

  const day = isOverMidnight && now >= start ? date.day + 1 : date.day;
  const over = zone.instantOf({ ...date, day, minuteOfDay: end });
  return over > instant ? over : undefined;
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return hours * 60 + minutes;
}
