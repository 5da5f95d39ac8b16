import type { Appointment } from '../api/types.js';
import { dayOf, type Day } from '../time/day.js';

/** The appointments that the page knows, by id. */
export type Appointments = ReadonlyMap<number, Appointment>;

/** Takes rows in. An older version of a row never replaces a newer one, whichever way it came. */
export function merge(known: Appointments, rows: readonly Appointment[]): Appointments {
  const newer = rows.filter((row) => {
    const old = known.get(row.id);
    return !old || old.version < row.version;
  });
  if (newer.length === 0) return known;
  return new Map([...known, ...newer.map((row) => [row.id, row] as const)]);
}

/** What is still to come, soonest first. An appointment is past when it has ended or won't happen. */
export function upcoming(known: Appointments, now: number): readonly Appointment[] {
  return [...known.values()].filter((row) => !isPast(row, now)).toSorted(byStart);
}

/** What is over, the latest first. */
export function past(known: Appointments, now: number): readonly Appointment[] {
  return [...known.values()]
    .filter((row) => isPast(row, now))
    .toSorted(byStart)
    .toReversed();
}

/** One day of the clinic's calendar, by time. */
export function onDay(known: Appointments, day: Day): readonly Appointment[] {
  return [...known.values()].filter((row) => dayOf(row.startsAt, row.zone) === day).toSorted(byStart);
}

/** Whether an appointment is over, or won't be. */
export function isPast({ endsAt, status }: Pick<Appointment, 'endsAt' | 'status'>, now: number): boolean {
  return Date.parse(endsAt) <= now || isGone({ status });
}

/** It won't happen, and holds no time. */
export function isGone({ status }: Pick<Appointment, 'status'>): boolean {
  return status === 'cancelled' || status === 'entered-in-error';
}

function byStart(a: Appointment, b: Appointment): number {
  return Date.parse(a.startsAt) - Date.parse(b.startsAt) || a.id - b.id;
}
