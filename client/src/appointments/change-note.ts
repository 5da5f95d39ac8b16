import type { Appointment } from '../api/types.js';
import { clockTime } from '../time/clock-time.js';
import { dayOf, shortDay } from '../time/day.js';
import { statusIs } from './status-words.js';
import { say } from '../words/words.js';

/** Says in a few words what became of an appointment; undefined when nothing did that shows. */
export function changeNote(before: Appointment | undefined, after: Appointment): string | undefined {
  if (!before) return say('change.new');
  if (before.status !== after.status) return say('change.was', { status: statusIs(before.status) });
  if (before.startsAt !== after.startsAt) return moved(before, after);
  if (before.durationMinutes !== after.durationMinutes)
    return say('change.length', { minutes: after.durationMinutes });
  if (before.reason !== after.reason) return say('change.reason');
  return undefined;
}

function moved(before: Appointment, after: Appointment): string {
  const [from, to] = [before, after].map(({ startsAt, zone }) => dayOf(startsAt, zone));
  const fromTime = clockTime(before.startsAt, before.zone);
  const toTime = clockTime(after.startsAt, after.zone);
  if (from === to) return say('change.moved', { from: fromTime, to: toTime });
  return say('change.moved', { from: `${shortDay(from!)} ${fromTime}`, to: `${shortDay(to!)} ${toTime}` });
}
