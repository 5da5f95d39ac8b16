import type { Appointment } from './appointment.js';
import type { AppointmentEvent, NamedStatus } from './appointment-event.js';
import { Zone } from './zone.js';

/** The side that reads the sentence. */
export type Side = 'patient' | 'doctor';

/** The author of the change: one of the two sides, or somebody of the clinic. */
export type Actor = Side | 'clinic';

/** What a side is told of an event: a sentence in its own words, with the time as the clinic's clock shows it. */
export function wordingFor(
  side: Side,
  event: AppointmentEvent,
  appointment: Appointment,
  actor: Actor,
): string {
  const zone = new Zone(appointment.zone);
  const when = zone.describe(appointment.startsAt, appointment.endsAt);
  const other = side === 'patient' ? appointment.doctorName : appointment.patientName;
  const who = actor === side ? 'You' : actor === 'clinic' ? 'The clinic' : other;
  // "Ada moved the appointment with you", but "You moved your appointment with Ada".
  const it = who === other ? 'the appointment with you' : `your appointment with ${other}`;

  switch (event.type) {
    case 'appointment.created':
      return `${who} booked ${who === other ? 'an appointment with you' : bookedFor(who, other)}: ${when}.`;
    case 'appointment.updated':
      return appointment.reason === null
        ? `${who} removed the reason of ${it} on ${when}.`
        : `${who} changed the reason of ${it} on ${when}: ${appointment.reason}`;
    case 'appointment.rescheduled': {
      const { startsAt, endsAt } = event.previous;
      return `${who} moved ${it} from ${zone.describe(startsAt, endsAt)} to ${when}.`;
    }
    case 'appointment.status_changed':
      return becoming[event.to][side](other, when);
    case 'appointment.cancelled':
      return `${who} cancelled ${it} on ${when}.${event.reason === undefined ? '' : ` Reason: ${event.reason}`}`;
  }
}

/** What a side is reminded of. The time stands there as it is, not as "tomorrow": nobody knows when it is read. */
export function reminderFor(side: Side, appointment: Appointment): string {
  const { zone, startsAt, endsAt } = appointment;
  const other = side === 'patient' ? appointment.doctorName : appointment.patientName;
  return `Reminder: your appointment with ${other} is on ${new Zone(zone).describe(startsAt, endsAt)}.`;
}

function bookedFor(who: string, other: string): string {
  return who === 'You' ? `an appointment with ${other}` : `an appointment for you with ${other}`;
}

type Sentence = (other: string, when: string) => string;

const becoming: Readonly<Record<NamedStatus, Readonly<Record<Side, Sentence>>>> = {
  booked: {
    patient: (doctor, when) => `Your appointment with ${doctor} on ${when} is confirmed.`,
    doctor: (patient, when) => `The appointment with ${patient} on ${when} is confirmed.`,
  },
  arrived: {
    patient: (doctor, when) => `You have arrived for your appointment with ${doctor} on ${when}.`,
    doctor: (patient, when) => `${patient} has arrived for the appointment on ${when}.`,
  },
  'checked-in': {
    patient: (doctor, when) => `You are checked in for your appointment with ${doctor} on ${when}.`,
    doctor: (patient, when) => `${patient} is checked in for the appointment on ${when}.`,
  },
  fulfilled: {
    patient: (doctor, when) => `Your appointment with ${doctor} on ${when} is completed.`,
    doctor: (patient, when) => `The appointment with ${patient} on ${when} is completed.`,
  },
  noshow: {
    patient: (doctor, when) => `You missed your appointment with ${doctor} on ${when}.`,
    doctor: (patient, when) => `${patient} did not come to the appointment on ${when}.`,
  },
  'entered-in-error': {
    patient: (doctor, when) =>
      `Your appointment with ${doctor} on ${when} was entered by mistake; it doesn't count.`,
    doctor: (patient, when) =>
      `The appointment with ${patient} on ${when} was entered by mistake; it doesn't count.`,
  },
};
