import type { Appointment } from '../api/types.js';
import { clockTime } from '../time/clock-time.js';
import { dayOf, dayParts } from '../time/day.js';
import { statusWords } from './status-words.js';

/** Says in a few words what became of an appointment; undefined when nothing did that shows. */
export function changeNote(before: Appointment | undefined, after: Appointment): string | undefined {
  if (!before) return 'New';
  if (before.status !== after.status) return `Was ${statusWords[before.status].label.toLowerCase()}`;
  if (before.startsAt !== after.startsAt) return moved(before, after);
  if (before.durationMinutes !== after.durationMinutes) return `Now ${after.durationMinutes} minutes`;
  if (before.reason !== after.reason) return 'Reason changed';
  return undefined;
}

function moved(before: Appointment, after: Appointment): string {
  const [from, to] = [before, after].map(({ startsAt, zone }) => dayOf(startsAt, zone));
  const fromTime = clockTime(before.startsAt, before.zone);
  const toTime = clockTime(after.startsAt, after.zone);
  if (from === to) return `Moved from ${fromTime} to ${toTime}`;
  return `Moved from ${shortDay(from!)} ${fromTime} to ${shortDay(to!)} ${toTime}`;
}

function shortDay(day: string): string {
  const { weekday, number, month } = dayParts(day);
  return `${weekday} ${number} ${month}`;
}
