import type { Language } from '../words/language.js';
import { say } from '../words/say.js';
import type { Appointment } from './appointment.js';
import type { AppointmentEvent } from './appointment-event.js';
import { timeWords } from './time-words.js';

/** The side that reads the sentence. */
export type Side = 'patient' | 'doctor';

/** The author of the change: one of the two sides, or somebody of the clinic. */
export type Actor = Side | 'clinic';

/** A reader: their side, and what they read. */
export interface Reader {
  readonly side: Side;
  readonly language: Language;
}

/** What a side is told of an event: a sentence in its own words, with the time as the clinic's clock shows it. */
export function wordingFor(
  { side, language }: Reader,
  event: AppointmentEvent,
  appointment: Appointment,
  by: Actor,
): string {
  const values = {
    side,
    actor: by === side ? 'you' : by === 'clinic' ? 'clinic' : 'other',
    other: otherOf(side, appointment),
    when: timeWords(language, appointment),
  };
  switch (event.type) {
    case 'appointment.created':
      return say(language, 'told.created', values);
    case 'appointment.updated': {
      const { reason } = appointment;
      if (reason === null) return say(language, 'told.noReason', values);
      return say(language, 'told.reason', { ...values, reason });
    }
    case 'appointment.rescheduled': {
      const before = timeWords(language, { ...event.previous, zone: appointment.zone });
      return say(language, 'told.moved', { ...values, before });
    }
    case 'appointment.status_changed':
      return say(language, `told.${event.to}`, values);
    case 'appointment.cancelled': {
      const { reason } = event;
      if (reason === undefined) return say(language, 'told.cancelled', values);
      return say(language, 'told.cancelledWhy', { ...values, reason });
    }
  }
}

/** What a side is reminded of. The time stands there as it is, not as "tomorrow": nobody knows when it is read. */
export function reminderFor({ side, language }: Reader, appointment: Appointment): string {
  const when = timeWords(language, appointment);
  return say(language, 'told.reminder', { other: otherOf(side, appointment), when });
}

function otherOf(side: Side, { doctorName, patientName }: Appointment): string {
  return side === 'patient' ? doctorName : patientName;
}
