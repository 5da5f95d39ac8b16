import { expect, it } from 'vitest';
import { isMovable, nextStatuses } from './transitions.js';

it.each([
  ['booked', ['arrived', 'checked-in', 'fulfilled', 'noshow', 'cancelled']],
  ['arrived', ['checked-in', 'fulfilled', 'cancelled']],
  ['checked-in', ['fulfilled', 'cancelled']],
  ['waitlist', ['booked', 'cancelled']],
  ['fulfilled', []],
] as const)('a doctor moves %s on to %j', (status, next) => {
  expect(nextStatuses(status, 'doctor')).toEqual(next);
});

it('a patient may cancel what is open, and nothing else', () => {
  expect(nextStatuses('booked', 'patient')).toEqual(['cancelled']);
  expect(nextStatuses('noshow', 'patient')).toEqual([]);
});

it.each(['fulfilled', 'noshow', 'cancelled', 'entered-in-error'] as const)('%s is final', (status) => {
  expect(nextStatuses(status, 'doctor')).toEqual([]);
});

it.each([
  ['proposed', true],
  ['pending', true],
  ['waitlist', true],
  ['booked', true],
  ['arrived', false],
  ['checked-in', false],
  ['fulfilled', false],
  ['cancelled', false],
] as const)('%s may be moved to another time: %s', (status, isIt) => {
  expect(isMovable(status)).toBe(isIt);
});
