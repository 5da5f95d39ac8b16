import { expect, it } from 'vitest';
import { ownTime } from './own-time.js';

it.each([
  ['2026-11-28T13:00:00Z', 'America/New_York', '08:00 your time'],
  ['2026-11-28T07:00:00Z', 'Pacific/Honolulu', 'Fri 27 Nov, 21:00 your time'],
  ['2026-11-28T13:00:00Z', 'Africa/Lagos', undefined],
  ['2027-07-01T12:00:00Z', 'Africa/Lagos', '13:00 your time'],
])('at %s, in %s, it is %s where the clinic is in Berlin', (instant, own, said) => {
  expect(ownTime(instant, 'Europe/Berlin', own)).toBe(said);
});
