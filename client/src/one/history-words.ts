import type { Appointment, AppointmentStatus, PastEvent, PastReminder } from '../api/types.js';
import { statusIs } from '../appointments/status-words.js';
import { lengthWords, reasonWords } from '../delivery/words.js';
import { clockTime } from '../time/clock-time.js';
import { dayOf, longDay, type Day } from '../time/day.js';
import { say } from '../words/words.js';

/** What happened, in a sentence that goes on after the name of who did it: "moved it from … to …". */
export function happened({ type, changes, text }: PastEvent, zone: string, today: Day): string {
  const change = (field: string) => changes.find((one) => one.field === field);
  const start = change('startsAt');
  const reason = change('reason');
  switch (type) {
    case 'appointment.created':
      return say('history.created', { when: when(start?.to, zone, today) });
    case 'appointment.rescheduled':
      return start
        ? say('history.moved', { from: when(start.from, zone, today), to: when(start.to, zone, today) })
        : say('history.length', { minutes: String(change('durationMinutes')?.to) });
    case 'appointment.cancelled': {
      const why = change('cancellationReason')?.to;
      return typeof why === 'string'
        ? say('history.cancelledWhy', { reason: why })
        : say('history.cancelled');
    }
    case 'appointment.updated':
      return reason?.to == null
        ? say('history.noReason')
        : say('history.reason', { reason: String(reason.to) });
    case 'appointment.status_changed': {
      const to = change('status')?.to as AppointmentStatus | undefined;
      return to === undefined ? say('history.status') : say('history.statusTo', { status: statusIs(to) });
    }
    case 'message':
      return say('history.message', { text: text ?? '' });
    default:
      return say('history.changed');
  }
}

/** Whom the news of it has reached, but for its author: "Patient: delivered at 14:02, seen at 14:05". */
export function reached(
  event: PastEvent,
  { zone, patientId, doctorId }: Pick<Appointment, 'zone' | 'patientId' | 'doctorId'>,
  today: Day,
): readonly string[] {
  const author = event.by === patientId ? 'patient' : event.by === doctorId ? 'doctor' : undefined;
  const others = event.recipients.filter(({ role }) => role !== author);
  return others.map((recipient) => reachWords(recipient, event.at, zone, today));
}

/** What became of a reminder, or will: "24 h before: due on Sunday 29 November, 10:00". */
export function reminded(
  { role, offsetMinutes, dueAt, state, reason, changedAt, deliveredAt, seenAt }: PastReminder,
  zone: string,
  today: Day,
): readonly string[] {
  const words = say('history.reminder', {
    state,
    length: lengthWords(offsetMinutes),
    when: when(state === 'planned' ? dueAt : changedAt, zone, today),
    why: reason === null ? '' : reasonWords(reason),
  });
  if (deliveredAt === undefined) return [words];
  const reach = { role, deliveredAt, ...(seenAt !== undefined && { seenAt }) };
  return [words, reachWords(reach, changedAt, zone, today)];
}

/** @param since the time of a day that isn't said again */
function reachWords(
  { role, deliveredAt, seenAt }: PastEvent['recipients'][number],
  since: string,
  zone: string,
  today: Day,
): string {
  const at = (instant: string | null) => {
    if (instant === null) return 'none';
    const [day, time] = [dayOf(instant, zone), clockTime(instant, zone)];
    return day === dayOf(since, zone)
      ? say('history.at', { time })
      : say('history.on', { day: longDay(day, today), time });
  };
  return say('history.reached', {
    role,
    // What was seen has come, though no device said so.
    delivered: deliveredAt === null && seenAt != null ? 'seen' : at(deliveredAt),
    // Undefined where it isn't ours to know.
    seen: seenAt === undefined ? 'hidden' : at(seenAt),
  });
}

function when(instant: unknown, zone: string, today: Day): string {
  if (typeof instant !== 'string') return say('history.anotherTime');
  return `${longDay(dayOf(instant, zone), today)}, ${clockTime(instant, zone)}`;
}
