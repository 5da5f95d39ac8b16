import { expect, it } from 'vitest';
import type { AlertStory } from '../api/types.js';
import { timelineOf } from './timeline.js';

const alert: AlertStory['alert'] = {
  ...{ id: 7, type: 'appointment.cancelled', kind: 'appointment.cancelled' },
  ...{ isCritical: true, isOwnAct: false, createdAt: '2026-11-28T10:03:00.000Z' },
  ...{ deliveredAt: null, seenAt: null, readAt: null, archivedAt: null },
  ...{ appointmentId: 3, startsAt: '2026-11-29T09:00:00.000Z', offsetMinutes: null, outside: [] },
};

const push: AlertStory['deliveries'][number] = {
  ...{ id: 1, notificationId: 7, userId: 1, userName: 'Paula Brandt', channel: 'push' },
  ...{ kind: 'appointment.cancelled', isCritical: true, target: 'Firefox on Android' },
  ...{ state: 'failed', reason: 'answered_410', attempts: 1, notification: null },
  ...{ createdAt: '2026-11-28T10:03:00.000Z', dueAt: '2026-11-28T10:03:10.000Z' },
  expiresAt: '2026-11-29T09:00:00.000Z',
  steps: [
    { at: '2026-11-28T10:03:00.000Z', step: 'planned' },
    { at: '2026-11-28T10:03:11.000Z', step: 'failed', reason: 'answered_410' },
  ],
};

function story(change: Partial<AlertStory['alert']>, deliveries: AlertStory['deliveries'] = []): AlertStory {
  const recipient = { id: 1, name: 'Paula Brandt', role: 'patient' } as const;
  return { alert: { ...alert, ...change }, recipient, by: null, deliveries, ways: [] };
}

const whats = (told: AlertStory) =>
  timelineOf(told).map((one) => (one.what === 'step' ? `${one.channel} ${one.step}` : one.what));

it('is in the order in which it happened, whatever it happened to', () => {
  const told = story({ deliveredAt: '2026-11-28T10:03:05.000Z', seenAt: '2026-11-28T10:07:00.000Z' }, [push]);

  expect(whats(told)).toEqual(['written', 'push planned', 'delivered', 'push failed', 'seen']);
});

it('says once that a channel was planned, and what became of each device', () => {
  const tablet = {
    ...push,
    id: 2,
    target: 'Tablet',
    state: 'sent' as const,
    steps: [
      { at: '2026-11-28T10:03:00.000Z', step: 'planned' as const },
      { at: '2026-11-28T10:03:12.000Z', step: 'sent' as const },
    ],
  };

  const told = timelineOf(story({}, [push, tablet])).filter((one) => one.what === 'step');

  expect(told.map(({ step, target }) => [step, target])).toEqual([
    ['planned', null],
    ['failed', 'Firefox on Android'],
    ['sent', 'Tablet'],
  ]);
});

it('ends with what is still to come', () => {
  const waiting = { ...push, state: 'waiting' as const, dueAt: '2026-11-28T10:08:00.000Z', steps: [] };

  expect(timelineOf(story({ seenAt: null }, [waiting])).at(-1)).toEqual({
    ...{ what: 'next', at: '2026-11-28T10:08:00.000Z', channel: 'push', target: 'Firefox on Android' },
  });
});

it('tells what was read by a newer one’s coming from what its reader read', () => {
  expect(whats(story({ readAt: '2026-11-28T11:00:00.000Z' }))).toEqual(['written', 'superseded']);
  expect(whats(story({ seenAt: '2026-11-28T10:30:00.000Z', readAt: '2026-11-28T11:00:00.000Z' }))).toEqual([
    'written',
    'seen',
    'read',
  ]);
});

it('begins with when a reminder was due', () => {
  const told = story({ offsetMinutes: 1440, createdAt: '2026-11-28T09:00:01.000Z' });

  expect(timelineOf(told)[0]).toEqual({
    ...{ what: 'due', at: '2026-11-28T09:00:00.000Z', offsetMinutes: 1440 },
  });
});
