import type { Appointment } from './appointment.js';
import type { Change } from './schemas.js';
import type { Status } from './status.js';

/** What happened to an appointment; one change is one event. */
export type AppointmentEvent =
  | { readonly type: 'appointment.created' }
  | { readonly type: 'appointment.updated'; readonly changed: readonly Field[] }
  | {
      readonly type: 'appointment.rescheduled';
      readonly previous: Pick<Appointment, 'startsAt' | 'endsAt'>;
      readonly changed: readonly Field[];
    }
  | { readonly type: 'appointment.status_changed'; readonly from: Status; readonly to: NamedStatus }
  | {
      readonly type: 'appointment.cancelled';
      readonly from: Status;
      readonly to: 'cancelled';
      readonly reason?: string;
    };

/** What a PATCH may change. */
export type Field = keyof Change;

/** What a status can become; a cancellation is an event of its own. */
export type NamedStatus = Exclude<Status, 'proposed' | 'pending' | 'waitlist' | 'cancelled'>;

/** The `data` of the notification: for programs, what its message says to people. @param by the acting user's id */
export function dataOf(
  event: AppointmentEvent,
  appointment: Appointment,
  by: number,
): Record<string, unknown> {
  const { type: _, ...details } = event;
  const previous = 'previous' in event ? { previous: textOf(event.previous) } : {};
  const { startsAt } = textOf(appointment);
  return { appointmentId: appointment.id, startsAt, ...details, ...previous, by };
}

/** Instants as JSON has them. */
function textOf({ startsAt, endsAt }: Pick<Appointment, 'startsAt' | 'endsAt'>) {
  return { startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() };
}
