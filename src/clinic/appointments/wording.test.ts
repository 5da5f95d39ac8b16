import { describe, expect, it } from 'vitest';
import type { Appointment } from './appointment.js';
import type { AppointmentEvent, NamedStatus } from './appointment-event.js';
import { reminderFor, wordingFor, type Actor, type Side } from './wording.js';

const appointment: Appointment = {
  id: 7,
  patientId: 1,
  patientName: 'Paula Brandt',
  doctorId: 3,
  doctorName: 'Dr. Amara Osei',
  startsAt: new Date('2025-11-24T13:00:00Z'),
  endsAt: new Date('2025-11-24T13:30:00Z'),
  durationMinutes: 30,
  status: 'booked',
  reason: 'Cough',
  zone: 'Europe/Berlin',
  version: 1,
};

const created: AppointmentEvent = { type: 'appointment.created' };
const cancelled: AppointmentEvent = {
  type: 'appointment.cancelled',
  from: 'booked',
  to: 'cancelled',
  reason: 'I am well again',
};
const rescheduled: AppointmentEvent = {
  type: 'appointment.rescheduled',
  previous: { startsAt: new Date('2025-10-24T13:00:00Z'), endsAt: new Date('2025-10-24T13:30:00Z') },
  changed: ['startsAt'],
};
const updated: AppointmentEvent = { type: 'appointment.updated', changed: ['reason'] };

const when = 'Monday 24 November 2025, 14:00–14:30 CET';
const germanTime = 'Montag, 24. November 2025, 14:00–14:30 Uhr MEZ';
const before = 'Friday 24 October 2025, 15:00–15:30 CEST';

describe('the wording', () => {
  it.each<[Side, AppointmentEvent, Actor, string]>([
    ['patient', created, 'patient', `You booked an appointment with Dr. Amara Osei: ${when}.`],
    ['doctor', created, 'patient', `Paula Brandt booked an appointment with you: ${when}.`],
    ['patient', created, 'doctor', `Dr. Amara Osei booked an appointment with you: ${when}.`],
    ['doctor', created, 'doctor', `You booked an appointment with Paula Brandt: ${when}.`],
    ['patient', created, 'clinic', `The clinic booked an appointment for you with Dr. Amara Osei: ${when}.`],
    ['doctor', created, 'clinic', `The clinic booked an appointment for you with Paula Brandt: ${when}.`],

    [
      'patient',
      rescheduled,
      'doctor',
      `Dr. Amara Osei moved the appointment with you from ${before} to ${when}.`,
    ],
    [
      'doctor',
      rescheduled,
      'doctor',
      `You moved your appointment with Paula Brandt from ${before} to ${when}.`,
    ],
    [
      'patient',
      rescheduled,
      'clinic',
      `The clinic moved your appointment with Dr. Amara Osei from ${before} to ${when}.`,
    ],

    [
      'doctor',
      cancelled,
      'patient',
      `Paula Brandt cancelled the appointment with you on ${when}. Reason: I am well again`,
    ],
    [
      'patient',
      cancelled,
      'patient',
      `You cancelled your appointment with Dr. Amara Osei on ${when}. Reason: I am well again`,
    ],
    [
      'patient',
      { type: 'appointment.cancelled', from: 'arrived', to: 'cancelled' },
      'clinic',
      `The clinic cancelled your appointment with Dr. Amara Osei on ${when}.`,
    ],

    [
      'doctor',
      updated,
      'patient',
      `Paula Brandt changed the reason of the appointment with you on ${when}: Cough`,
    ],
  ])('tells the %s of %o by the %s', (side, event, actor, sentence) => {
    expect(wordingFor({ side, language: 'en' }, event, appointment, actor)).toBe(sentence);
  });

  it.each<[Side, AppointmentEvent, Actor, string]>([
    ['doctor', created, 'patient', `Paula Brandt hat einen Termin mit Ihnen gebucht: ${germanTime}.`],
    [
      'patient',
      cancelled,
      'clinic',
      `Die Praxis hat Ihren Termin mit Dr. Amara Osei am ${germanTime} abgesagt. Grund: I am well again`,
    ],
  ])('tells the %s, who reads German, of %o by the %s', (side, event, actor, sentence) => {
    expect(wordingFor({ side, language: 'de' }, event, appointment, actor)).toBe(sentence);
  });

  it('reminds in the reader’s language', () => {
    expect(reminderFor({ side: 'patient', language: 'de' }, appointment)).toBe(
      `Erinnerung: Ihr Termin mit Dr. Amara Osei ist am ${germanTime}.`,
    );
  });

  it('leaves what people wrote as they wrote it', () => {
    const odd = { ...appointment, patientName: "{actor} <b>O'Neill</b> '{", reason: "it's {when} #" };

    const text = wordingFor({ side: 'doctor', language: 'en' }, updated, odd, 'patient');

    expect(text).toBe(
      `{actor} <b>O'Neill</b> '{ changed the reason of the appointment with you on ${when}: it's {when} #`,
    );
  });

  it('says that a reason was removed', () => {
    const bare = { ...appointment, reason: null };

    expect(wordingFor({ side: 'patient', language: 'en' }, updated, bare, 'patient')).toBe(
      `You removed the reason of your appointment with Dr. Amara Osei on ${when}.`,
    );
  });

  it.each<NamedStatus>(['booked', 'arrived', 'checked-in', 'fulfilled', 'noshow', 'entered-in-error'])(
    'tells each side of %s in its own words, with the other’s name and the time',
    (to) => {
      const event: AppointmentEvent = { type: 'appointment.status_changed', from: 'booked', to };

      const patient = wordingFor({ side: 'patient', language: 'en' }, event, appointment, 'doctor');
      const doctor = wordingFor({ side: 'doctor', language: 'en' }, event, appointment, 'doctor');

      expect(patient).toContain('Dr. Amara Osei');
      expect(patient).not.toContain('Paula');
      expect(doctor).toContain('Paula Brandt');
      expect(doctor).not.toContain('Amara');
      expect([patient, doctor].every((text) => text.includes(when))).toBe(true);
    },
  );
});
