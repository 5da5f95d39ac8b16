import type { Appointment } from './appointment.js';
import type { AppointmentChange } from './schemas.js';
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
export type Field = keyof AppointmentChange;

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

/** The type of a notification about an appointment. */
export type NoticeType = AppointmentEvent['type'] | 'appointment.reminder';

/** Of the notifications of one type about one appointment only the newest stays unread. */
export function noticeGroup(appointmentId: number, type: NoticeType): string {
  return `appointment/${appointmentId}/${type}`;
}

/** Types of older notifications that an event makes untrue, or idle: they are read by its coming. */
export function outdatedBy(event: AppointmentEvent): readonly NoticeType[] {
  switch (event.type) {
    case 'appointment.created':
    case 'appointment.updated':
      return [];
    case 'appointment.rescheduled':
      return ['appointment.created', 'appointment.reminder'];
    case 'appointment.status_changed':
      return event.to === 'entered-in-error' ? allBut(event.type) : ['appointment.reminder'];
    case 'appointment.cancelled':
      return allBut(event.type);
  }
}

function allBut(type: NoticeType): NoticeType[] {
  return noticeTypes.filter((other) => other !== type);
}

const noticeTypes: readonly NoticeType[] = [
  'appointment.created',
  'appointment.updated',
  'appointment.rescheduled',
  'appointment.status_changed',
  'appointment.cancelled',
  'appointment.reminder',
];

/** Instants as JSON has them. */
function textOf({ startsAt, endsAt }: Pick<Appointment, 'startsAt' | 'endsAt'>) {
  return { startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() };
}
