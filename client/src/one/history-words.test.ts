import { expect, it } from 'vitest';
import type { PastEvent, PastReminder } from '../api/types.js';
import { happened, reached, reminded } from './history-words.js';

const event: PastEvent = {
  at: '2026-11-20T08:00:00Z',
  by: 1,
  byName: 'Ada',
  type: 'appointment.created',
  changes: [],
  recipients: [],
};

it.each<[string, PastEvent['changes'], string]>([
  [
    'appointment.created',
    [{ field: 'startsAt', from: null, to: '2026-11-28T13:00:00Z' }],
    'booked it for Saturday 28 November, 14:00',
  ],
  [
    'appointment.rescheduled',
    [{ field: 'startsAt', from: '2026-11-28T13:00:00Z', to: '2027-07-01T12:00:00Z' }],
    'moved it from Saturday 28 November, 14:00 to Thursday 1 July 2027, 14:00',
  ],
  ['appointment.rescheduled', [{ field: 'durationMinutes', from: 30, to: 45 }], 'made it 45 minutes long'],
  ['appointment.cancelled', [{ field: 'cancellationReason', from: null, to: 'Ill' }], 'cancelled it: Ill'],
  ['appointment.cancelled', [], 'cancelled it'],
  ['appointment.updated', [{ field: 'reason', from: 'Knee', to: null }], 'removed the reason'],
  ['appointment.status_changed', [{ field: 'status', from: 'booked', to: 'noshow' }], 'set it to no-show'],
  ['appointment.of_tomorrow', [], 'changed it'],
])('%s is told', (type, changes, words) => {
  expect(happened({ ...event, type, changes }, 'Europe/Berlin', '2026-11-20')).toBe(words);
});

it('a message is told with its words', () => {
  const message = { ...event, type: 'message', text: 'Bring the letter' };

  expect(happened(message, 'Europe/Berlin', '2026-11-20')).toBe('wrote to the patient: Bring the letter');
});

const reminder: PastReminder = {
  ...{ role: 'patient', offsetMinutes: 1_440, startsAt: '2026-11-28T13:00:00Z' },
  ...{ dueAt: '2026-11-27T13:00:00Z', changedAt: '2026-11-20T08:00:00Z', state: 'planned', reason: null },
};
const told = {
  state: 'sent',
  changedAt: '2026-11-27T13:00:01Z',
  deliveredAt: '2026-11-27T13:00:02Z',
} as const;

it.each<[Partial<PastReminder>, readonly string[]]>([
  [{}, ['24 h before: due on Friday 27 November, 14:00']],
  [
    { ...told, seenAt: null },
    ['24 h before: told on Friday 27 November, 14:00', 'Patient: delivered at 14:00, not seen yet'],
  ],
  [told, ['24 h before: told on Friday 27 November, 14:00', 'Patient: delivered at 14:00']],
  [{ state: 'skipped', reason: 'missed' }, ['24 h before: not sent: no server was there in time']],
])('a reminder that is %j says what became of it', (rest, words) => {
  expect(reminded({ ...reminder, ...rest }, 'Europe/Berlin', '2026-11-20')).toEqual(words);
});

it('tells whom it has reached, as far as the reader may know', () => {
  const recipients: PastEvent['recipients'] = [
    { role: 'patient', deliveredAt: '2026-11-20T08:01:00Z', seenAt: null },
    { role: 'doctor', deliveredAt: null },
  ];

  const people = { zone: 'Europe/Berlin', patientId: 1, doctorId: 2 };
  expect(reached({ ...event, by: 9, recipients }, people, '2026-11-20')).toEqual([
    'Patient: delivered at 09:01, not seen yet',
    'Doctor: not delivered yet',
  ]);
  const seen = { role: 'patient', deliveredAt: null, seenAt: '2026-11-20T08:05:00Z' } as const;
  expect(reached({ ...event, by: 9, recipients: [seen] }, people, '2026-11-20')).toEqual([
    'Patient: seen at 09:05',
  ]);
  const later = { role: 'doctor', deliveredAt: '2026-11-22T08:05:00Z' } as const;
  expect(reached({ ...event, by: 9, recipients: [later] }, people, '2026-11-20')).toEqual([
    'Doctor: delivered on Sunday 22 November, 09:05',
  ]);
  expect(reached({ ...event, by: 1, recipients }, people, '2026-11-20'), 'its author knows it').toEqual([
    'Doctor: not delivered yet',
  ]);
});
