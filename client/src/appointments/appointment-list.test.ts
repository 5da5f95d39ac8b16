import { expect, it } from 'vitest';
import type { Appointment } from '../api/types.js';
import { byMonth, calledOff, matching, merge, onDay, past, upcoming } from './appointment-list.js';

function row(id: number, startsAt: string, rest: Partial<Appointment> = {}): Appointment {
  const endsAt = new Date(Date.parse(startsAt) + 30 * 60_000).toISOString();
  return {
    ...{ id, patientId: 1, patientName: 'Ada', doctorId: 2, doctorName: 'Dr. Bell', startsAt, endsAt },
    ...{ durationMinutes: 30, status: 'booked', reason: null, zone: 'Europe/Berlin', version: 1 },
    ...rest,
  };
}
const ids = (rows: readonly Appointment[]) => rows.map(({ id }) => id);
const now = Date.parse('2026-11-21T10:00:00Z');

it('an older version that comes late doesn’t undo a newer one', () => {
  const known = merge(new Map(), [row(1, '2026-11-21T12:00:00Z', { version: 3, status: 'arrived' })]);

  const after = merge(known, [row(1, '2026-11-21T12:00:00Z', { version: 2 })]);

  expect(after).toBe(known);
  expect(after.get(1)?.status).toBe('arrived');
});

it('what runs now is upcoming, what ended is past, and what was called off before its time is neither', () => {
  const known = merge(new Map(), [
    row(1, '2026-11-22T09:00:00Z'),
    row(2, '2026-11-21T09:45:00Z'),
    row(3, '2026-11-21T09:30:00Z'),
    row(4, '2026-11-23T09:00:00Z', { status: 'cancelled' }),
    row(5, '2026-11-20T09:00:00Z', { status: 'cancelled' }),
  ]);

  expect(ids(upcoming(known, now))).toEqual([2, 1]);
  expect(ids(past(known, now))).toEqual([3, 5]);
  expect(ids(calledOff(known, now))).toEqual([4]);
});

it('a day is the clinic’s day', () => {
  const known = merge(new Map(), [
    row(1, '2026-11-21T22:30:00Z'),
    row(2, '2026-11-21T23:30:00Z'),
    row(3, '2026-11-21T08:00:00Z'),
  ]);

  expect(ids(onDay(known, '2026-11-21'))).toEqual([3, 1]);
  expect(ids(onDay(known, '2026-11-22'))).toEqual([2]);
});

it('rows stand below their months, in their order', () => {
  const rows = [
    row(1, '2026-10-31T23:30:00Z'),
    row(2, '2026-11-30T22:30:00Z'),
    row(3, '2026-11-30T23:30:00Z'),
  ];

  expect(byMonth(rows).map(({ month, rows }) => [month, ids(rows)])).toEqual([
    ['November 2026', [1, 2]],
    ['December 2026', [3]],
  ]);
});

it.each([
  ['', [1, 2]],
  ['osei', [1]],
  ['ÖSÉI november', [1]],
  ['no-show', [2]],
  ['knee', [1]],
  ['monday 23', [1]],
  ['osei hip', []],
])('a search for %j finds rows %j', (search, found) => {
  const rows = [
    row(1, '2026-11-23T09:00:00Z', { doctorName: 'Dr. Ösei', reason: 'Knee' }),
    row(2, '2026-11-24T09:00:00Z', { status: 'noshow', reason: 'Hip' }),
  ];

  expect(ids(matching(rows, search))).toEqual(found);
});
