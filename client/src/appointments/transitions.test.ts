import { describe, expect, it } from 'vitest';
import { isMovable, nextStatuses, whyNotYet } from './transitions.js';

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

describe('what can’t be true yet', () => {
  const appointment = { startsAt: '2026-11-21T13:00:00Z', zone: 'Europe/Berlin', status: 'booked' } as const;
  const dayBefore = Date.parse('2026-11-20T22:59:00Z');
  const sameDay = Date.parse('2026-11-20T23:00:00Z');
  const begun = Date.parse('2026-11-21T13:00:00Z');

  it.each([
    ['arrived', dayBefore, 'From Sat 21 Nov on'],
    ['checked-in', dayBefore, 'From Sat 21 Nov on'],
    ['arrived', sameDay, undefined],
    ['noshow', dayBefore, 'From Sat 21 Nov, 14:00 on'],
    ['noshow', sameDay, 'From 14:00 on'],
    ['fulfilled', sameDay, 'From 14:00 on'],
    ['noshow', begun, undefined],
    ['fulfilled', begun, undefined],
    ['cancelled', dayBefore, undefined],
  ] as const)('%s at %d: %s', (to, now, why) => {
    expect(whyNotYet(appointment, to, now)).toBe(why);
  });

  it('can, of a patient who is here', () => {
    expect(whyNotYet({ ...appointment, status: 'arrived' }, 'fulfilled', dayBefore)).toBeUndefined();
  });
});
