import { expect, it } from 'vitest';
import type { Appointment } from '../api/types.js';
import { changeNote } from './change-note.js';

const appointment: Appointment = {
  id: 1,
  patientId: 1,
  patientName: 'Ada',
  doctorId: 2,
  doctorName: 'Dr. Bell',
  startsAt: '2026-11-23T13:00:00Z',
  endsAt: '2026-11-23T13:30:00Z',
  durationMinutes: 30,
  status: 'booked',
  reason: null,
  zone: 'Europe/Berlin',
  version: 1,
};

it.each<[Partial<Appointment>, string]>([
  [{ startsAt: '2026-11-23T14:30:00Z' }, 'Moved from 14:00 to 15:30'],
  [{ startsAt: '2026-11-24T14:30:00Z' }, 'Moved from Mon 23 Nov 14:00 to Tue 24 Nov 15:30'],
  [{ status: 'arrived' }, 'Was booked'],
  [{ status: 'cancelled', startsAt: '2026-11-23T14:30:00Z' }, 'Was booked'],
  [{ durationMinutes: 45 }, 'Now 45 minutes'],
  [{ reason: 'Knee' }, 'Reason changed'],
])('%j reads %j', (change, note) => {
  expect(changeNote(appointment, { ...appointment, ...change })).toBe(note);
});

it('an appointment that was not there before is new', () => {
  expect(changeNote(undefined, appointment)).toBe('New');
});

it('a new version of the same says nothing', () => {
  expect(changeNote(appointment, { ...appointment, version: 2 })).toBeUndefined();
});
