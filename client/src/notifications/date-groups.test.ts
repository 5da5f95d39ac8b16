import { expect, it } from 'vitest';
import { groupByDate } from './date-groups.js';

it('cuts a list into the days of the reader’s calendar', () => {
  const now = Date.parse('2026-11-21T10:00:00Z');
  const stamps = [
    '2026-11-21T09:00:00Z',
    '2026-11-20T23:30:00Z',
    '2026-11-20T12:00:00Z',
    '2026-11-16T12:00:00Z',
    '2025-11-16T12:00:00Z',
  ];

  const groups = groupByDate(
    stamps.map((timestamp) => ({ timestamp })),
    now,
    'Europe/Berlin',
  );

  expect(groups.map(({ label, items }) => [label, items.length])).toEqual([
    ['Today', 2],
    ['Yesterday', 1],
    ['Monday 16 November', 1],
    ['Sunday 16 November 2025', 1],
  ]);
});
