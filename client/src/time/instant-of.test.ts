import { expect, it } from 'vitest';
import { instantOf } from './instant-of.js';

it.each([
  ['2026-11-28', '08:00', 'Europe/Berlin', '2026-11-28T07:00:00Z'],
  ['2026-07-01', '08:00', 'Europe/Berlin', '2026-07-01T06:00:00Z'],
  ['2026-07-01', '24:00', 'Europe/Berlin', '2026-07-01T22:00:00Z'],
  ['2026-10-25', '02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
  ['2026-03-29', '02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
  ['2026-11-28', '08:00', 'Asia/Kathmandu', '2026-11-28T02:15:00Z'],
  ['2026-11-28', '00:00', 'America/New_York', '2026-11-28T05:00:00Z'],
])('%s %s in %s is %s', (day, time, zone, instant) => {
  expect(instantOf(day, time, zone)).toBe(Date.parse(instant));
});
