import { expect, it } from 'vitest';
import { isQuiet } from './quiet.js';

const night = { from: '22:00', to: '07:00', zone: 'Europe/Berlin' };

it.each([
  ['2026-01-10T20:59:00Z', false],
  ['2026-01-10T21:00:00Z', true],
  ['2026-01-11T05:59:00Z', true],
  ['2026-01-11T06:00:00Z', false],
])('a night in Berlin at %s: %s', (instant, quiet) => {
  expect(isQuiet(night, Date.parse(instant))).toBe(quiet);
});

it('within a day, and without any', () => {
  const nap = { from: '13:00', to: '14:00', zone: 'UTC' };

  expect(isQuiet(nap, Date.parse('2026-01-10T13:30:00Z'))).toBe(true);
  expect(isQuiet(nap, Date.parse('2026-01-10T14:00:00Z'))).toBe(false);
  expect(isQuiet(null, 0)).toBe(false);
});
