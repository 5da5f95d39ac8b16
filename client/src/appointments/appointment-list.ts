import type { Appointment } from '../api/types.js';
import { dayOf, formatter, type Day } from '../time/day.js';
import { statusLabel } from './status-words.js';
import { locale } from '../words/words.js';

/** The appointments that the page knows, by id. */
export type Appointments = ReadonlyMap<number, Appointment>;

/** Takes rows in. An older version of a row never replaces a newer one, whichever way it came. */
export function merge(known: Appointments, rows: readonly Appointment[]): Appointments {
  // Of the same version the later counts: a change that waits makes none, nor does another name of somebody in it.
  const newer = rows.filter((row) => (known.get(row.id)?.version ?? 0) <= row.version);
  if (newer.length === 0) return known;
  return new Map([...known, ...newer.map((row) => [row.id, row] as const)]);
}

/** What is still to come, soonest first. */
export function upcoming(known: Appointments, now: number): readonly Appointment[] {
  return [...known.values()].filter((row) => placeOf(row, now) === 'upcoming').toSorted(byStart);
}

/** What is over, the latest first. */
export function past(known: Appointments, now: number): readonly Appointment[] {
  return [...known.values()]
    .filter((row) => placeOf(row, now) === 'past')
    .toSorted(byStart)
    .toReversed();
}

/** What won't happen though its time is still to come, soonest first. */
export function calledOff(known: Appointments, now: number): readonly Appointment[] {
  return [...known.values()].filter((row) => placeOf(row, now) === 'cancelled').toSorted(byStart);
}

/** The list of the patient's that a row stands in: what was called off isn't past before its time is. */
export function placeOf(
  row: Pick<Appointment, 'endsAt' | 'status'>,
  now: number,
): 'upcoming' | 'past' | 'cancelled' {
  if (Date.parse(row.endsAt) <= now) return 'past';
  return isGone(row) ? 'cancelled' : 'upcoming';
}

/** Rows in their order, month by month: `November 2026`. */
export function byMonth(
  rows: readonly Appointment[],
): readonly { readonly month: string; readonly rows: readonly Appointment[] }[] {
  const months = new Map<string, Appointment[]>();
  for (const row of rows) {
    const month = formatter(locale(), { timeZone: row.zone, month: 'long', year: 'numeric' }).format(
      Date.parse(row.startsAt),
    );
    months.set(month, [...(months.get(month) ?? []), row]);
  }
  return [...months].map(([month, rows]) => ({ month, rows }));
}

/** Those in which each word is found: in a name, a reason, a status or the date. */
export function matching(rows: readonly Appointment[], search: string): readonly Appointment[] {
  const words = bare(search).split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const date = formatter(locale(), { timeZone: row.zone, dateStyle: 'full' }).format(
      Date.parse(row.startsAt),
    );
    const text = bare(
      [
        row.doctorName,
        row.patientName,
        row.reason,
        row.cancellation?.reason,
        statusLabel(row.status),
        date,
      ].join(' '),
    );
    return words.every((word) => text.includes(word));
  });
}

/** Without capitals and accents, which people leave out when they search. */
function bare(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .toLowerCase();
}

/** One day of the clinic's calendar, by time. */
export function onDay(known: Appointments, day: Day): readonly Appointment[] {
  return [...known.values()].filter((row) => dayOf(row.startsAt, row.zone) === day).toSorted(byStart);
}

/** It won't happen, and holds no time. */
export function isGone({ status }: Pick<Appointment, 'status'>): boolean {
  return status === 'cancelled' || status === 'entered-in-error';
}

function byStart(a: Appointment, b: Appointment): number {
  return Date.parse(a.startsAt) - Date.parse(b.startsAt) || a.id - b.id;
}
