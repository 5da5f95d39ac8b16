import type { AppointmentEvent, Notification } from '../api/types.js';
import type { IconName } from '../ui/icon.js';

interface Kind {
  readonly title: string;
  readonly icon: IconName;
  readonly tone: 'brand' | 'brass' | 'danger' | 'info';
}

const kinds: Readonly<Record<string, Kind>> = {
  'appointment.created': { title: 'New appointment', icon: 'calendar', tone: 'brand' },
  'appointment.updated': { title: 'Appointment changed', icon: 'pencil', tone: 'info' },
  'appointment.rescheduled': { title: 'Appointment moved', icon: 'move', tone: 'brass' },
  'appointment.status_changed': { title: 'Appointment status', icon: 'door', tone: 'info' },
  'appointment.cancelled': { title: 'Appointment cancelled', icon: 'cross', tone: 'danger' },
  'appointment.reminder': { title: 'Reminder', icon: 'clock', tone: 'brass' },
};

const message: Kind = { title: 'Message', icon: 'speech', tone: 'info' };

/** How a notification of that type is shown. */
export function kindOf({ type }: Notification): Kind {
  return kinds[type] ?? message;
}

/** Which appointment it is about; undefined for other notifications. */
export function appointmentOf({ data }: Notification): AppointmentEvent | undefined {
  if (typeof data['appointmentId'] !== 'number') return undefined;
  return data as unknown as AppointmentEvent;
}

/** Which conversation it is about; undefined for other notifications. */
export function conversationOf({ type, data }: Notification): number | undefined {
  const id = data['conversationId'];
  return type === 'conversation.message' && typeof id === 'number' ? id : undefined;
}
