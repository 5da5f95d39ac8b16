import type { Notification } from '../api/types.js';
import type { NewToast } from '../toasts/toast-queue.js';
import { appointmentOf, conversationOf, kindOf } from './kinds.js';
import { say } from '../words/words.js';

/** The toast for one that rang just now; undefined for the user's own act, which needs none. */
export function toastFor(notification: Notification, ownId: number): NewToast | undefined {
  if (notification.data['by'] === ownId) return undefined;
  const isCancellation = notification.type === 'appointment.cancelled';
  const appointment = appointmentOf(notification);
  const conversationId = conversationOf(notification);
  return {
    tone: isCancellation ? 'alert' : 'news',
    title: kindOf(notification).title,
    text: notification.message,
    isSticky: isCancellation,
    about: [notification.id],
    ...(appointment && { appointmentId: appointment.appointmentId }),
    ...(conversationId !== undefined && { conversationId }),
  };
}

/** One toast for all that was missed; undefined when that was nothing but own acts. */
export function toastForMissed(missed: readonly Notification[], ownId: number): NewToast | undefined {
  const others = missed.filter(({ data }) => data['by'] !== ownId);
  if (others.length === 0) return undefined;
  const cancelled = others.filter(({ type }) => type === 'appointment.cancelled').length;
  return {
    tone: cancelled > 0 ? 'alert' : 'news',
    title: say('missed.title', { count: others.length }),
    text:
      others.length === 1
        ? others[0]!.message
        : cancelled > 0
          ? say('missed.cancelled', { count: cancelled })
          : say('missed.bell'),
    isSticky: cancelled > 0,
    about: others.map(({ id }) => id),
  };
}
