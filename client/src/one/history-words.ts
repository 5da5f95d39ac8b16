import type { AppointmentStatus, PastEvent } from '../api/types.js';
import { statusWords } from '../appointments/status-words.js';
import { clockTime } from '../time/clock-time.js';
import { dayOf, longDay, type Day } from '../time/day.js';

/** What happened, in a sentence that goes on after the name of who did it: "moved it from … to …". */
export function happened({ type, changes }: PastEvent, zone: string, today: Day): string {
  const change = (field: string) => changes.find((one) => one.field === field);
  const start = change('startsAt');
  const reason = change('reason');
  switch (type) {
    case 'appointment.created':
      return `booked it for ${when(start?.to, zone, today)}`;
    case 'appointment.rescheduled':
      return start
        ? `moved it from ${when(start.from, zone, today)} to ${when(start.to, zone, today)}`
        : `made it ${String(change('durationMinutes')?.to)} minutes long`;
    case 'appointment.cancelled': {
      const why = change('cancellationReason')?.to;
      return `cancelled it${typeof why === 'string' ? `: ${why}` : ''}`;
    }
    case 'appointment.updated':
      return reason?.to == null ? 'removed the reason' : `changed the reason: ${reason.to}`;
    case 'appointment.status_changed': {
      const to = change('status')?.to as AppointmentStatus | undefined;
      return to === undefined ? 'changed its status' : `set it to ${statusWords[to].label.toLowerCase()}`;
    }
    default:
      return 'changed it';
  }
}

/** Whom the news of it has reached: "Patient: delivered at 14:02, seen at 14:05". */
export function reached(event: PastEvent, zone: string): readonly string[] {
  return event.recipients.map(({ role, deliveredAt, seenAt }) => {
    const who = role === 'patient' ? 'Patient' : 'Doctor';
    const delivered =
      deliveredAt === null ? 'not delivered yet' : `delivered at ${clockTime(deliveredAt, zone)}`;
    // Undefined where it isn't ours to know.
    if (seenAt === undefined) return `${who}: ${delivered}`;
    return `${who}: ${delivered}, ${seenAt === null ? 'not seen yet' : `seen at ${clockTime(seenAt, zone)}`}`;
  });
}

function when(instant: unknown, zone: string, today: Day): string {
  if (typeof instant !== 'string') return 'another time';
  return `${longDay(dayOf(instant, zone), today)}, ${clockTime(instant, zone)}`;
}
