import type { AlertKind } from '../preferences/alert-kinds.js';
import type { Letter } from './channel.js';

/** What stands on a screen that others may see: the alert, or, unless its reader lets it out, that there is one. */
export function wordsFor(
  kind: AlertKind,
  message: string,
  detail: 'minimal' | 'full',
): Pick<Letter, 'title' | 'text'> {
  if (detail === 'full') return { title: titles[kind], text: message };
  return {
    title: 'Carillon',
    text: kind === 'message' ? 'You have a new message' : 'You have an appointment update',
  };
}

const titles: Readonly<Record<AlertKind, string>> = {
  'appointment.created': 'New appointment',
  'appointment.updated': 'Appointment changed',
  'appointment.rescheduled': 'Appointment moved',
  'appointment.status_changed': 'Appointment update',
  'appointment.cancelled': 'Appointment cancelled',
  'appointment.reminder': 'Appointment reminder',
  message: 'Message',
};
