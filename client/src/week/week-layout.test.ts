import { describe, expect, it } from 'vitest';
import type { Appointment } from '../api/types.js';
import { daysOf, frameOf, mondayOf } from './week-layout.js';

const zone = 'Europe/Berlin';
const monday = '2026-11-23';
const hours = [
  { day: 'mon', from: '08:00', to: '12:00' },
  { day: 'wed', from: '13:00', to: '20:30' },
] as const;

function row(
  id: number,
  startsAt: string,
  minutes: number,
  status: Appointment['status'] = 'booked',
): Appointment {
  const endsAt = new Date(Date.parse(startsAt) + minutes * 60_000).toISOString();
  const names = { patientId: 1, patientName: 'Ada', doctorId: 3, doctorName: 'Dr. Osei' };
  return { ...names, id, startsAt, endsAt, durationMinutes: minutes, status, reason: null, zone, version: 1 };
}

describe('a week', () => {
  it.each(['2026-11-23', '2026-11-25', '2026-11-29'])('of %s begins on its Monday', (day) => {
    expect(mondayOf(day)).toBe(monday);
  });

  it('has the hours, the appointments and the times off of each day', () => {
    const timeOff = { id: 7, startsAt: '2026-11-23T09:00:00Z', endsAt: '2026-11-25T06:00:00Z', note: null };
    const rows = [
      row(1, '2026-11-23T08:00:00Z', 30),
      row(2, '2026-11-23T09:30:00Z', 30),
      row(3, '2026-11-25T06:30:00Z', 15),
      row(4, '2026-11-23T07:30:00Z', 30, 'cancelled'),
    ];

    const days = daysOf({ monday, zone, hours, timesOff: [timeOff], rows });

    expect(days.map(({ day }) => day)).toEqual(
      ['23', '24', '25', '26', '27', '28', '29'].map((number) => `2026-11-${number}`),
    );
    expect(days.map(({ open }) => open.map(({ from, to }) => [from, to]))).toEqual([
      [[480, 720]],
      [],
      [[780, 1230]],
      [],
      [],
      [],
      [],
    ]);
    expect(days.map(({ off }) => off.map(({ from, to }) => [from, to]))).toEqual([
      [[600, 1440]],
      [[0, 1440]],
      [[0, 420]],
      [],
      [],
      [],
      [],
    ]);
    expect(
      days.map(({ appointments }) =>
        appointments.map(({ key, from, to, isMisplaced }) => [key, from, to, isMisplaced]),
      ),
    ).toEqual([
      [
        ['1', 540, 570, false],
        ['2', 630, 660, true],
      ],
      [],
      [['3', 450, 465, true]],
      [],
      [],
      [],
      [],
    ]);
  });

  it('shows the hours in which something is', () => {
    const days = daysOf({ monday, zone, hours, timesOff: [], rows: [row(1, '2026-11-25T06:30:00Z', 15)] });

    expect(frameOf(days)).toEqual({ from: 7 * 60, to: 21 * 60 });
  });

  it('draws a day on which the clock is changed by what the clock shows', () => {
    const days = daysOf({
      monday: '2026-10-19',
      zone,
      hours: [{ day: 'sun', from: '08:00', to: '10:00' }],
      timesOff: [],
      rows: [row(1, '2026-10-25T08:00:00Z', 60)],
    });

    expect(days[6]?.appointments).toMatchObject([{ from: 540, to: 600, isMisplaced: false }]);
  });
});
