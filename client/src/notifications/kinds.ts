import type { AppointmentEvent, Notification } from '../api/types.js';
import type { IconName } from '../ui/icon.js';
import { has, say, type Key } from '../words/words.js';

interface Look {
  readonly icon: IconName;
  readonly tone: 'brand' | 'brass' | 'danger' | 'info';
}

const looks: Readonly<Record<string, Look>> = {
  'appointment.created': { icon: 'calendar', tone: 'brand' },
  'appointment.updated': { icon: 'pencil', tone: 'info' },
  'appointment.rescheduled': { icon: 'move', tone: 'brass' },
  'appointment.status_changed': { icon: 'door', tone: 'info' },
  'appointment.cancelled': { icon: 'cross', tone: 'danger' },
  'appointment.reminder': { icon: 'clock', tone: 'brass' },
};

/** How a notification of that type is shown. */
export function kindOf(notification: Notification): Look & { readonly title: string } {
  const look = looks[notification.type] ?? { icon: 'speech', tone: 'info' };
  return { ...look, title: say(titleOf(notification)) };
}

function titleOf(notification: Notification): Key {
  if (notification.type === 'message' && appointmentOf(notification)) return 'kind.aboutAppointment';
  return has(`kind.${notification.type}`) ?? 'kind.other';
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
