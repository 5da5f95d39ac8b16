import { describe, expect, it } from 'vitest';
import { holdsTime, isFinal, mayBecome, statuses, type Status } from './status.js';

/** The contract's sentence about statuses, once more and independently: from → to. */
const allowed = new Set(
  [
    ['booked', 'arrived'],
    ['booked', 'checked-in'],
    ['booked', 'fulfilled'],
    ['booked', 'noshow'],
    ['arrived', 'checked-in'],
    ['arrived', 'fulfilled'],
    ['checked-in', 'fulfilled'],
    ['proposed', 'booked'],
    ['pending', 'booked'],
    ['waitlist', 'booked'],
    ...['booked', 'arrived', 'checked-in', 'proposed', 'pending', 'waitlist'].map((from) => [
      from,
      'cancelled',
    ]),
    ...statuses.filter((from) => from !== 'entered-in-error').map((from) => [from, 'entered-in-error']),
  ].map(([from, to]) => `${from} → ${to}`),
);

const pairs = statuses.flatMap((from) => statuses.map((to): [Status, Status] => [from, to]));

describe('a status', () => {
  it.each(pairs)('%s → %s is as the table says', (from, to) => {
    expect(mayBecome(from, to)).toBe(allowed.has(`${from} → ${to}`));
  });

  it('never becomes itself', () => {
    expect(statuses.filter((status) => mayBecome(status, status))).toEqual([]);
  });

  it('is final when only a correction can follow', () => {
    expect(statuses.filter(isFinal)).toEqual(['fulfilled', 'noshow', 'cancelled', 'entered-in-error']);
  });

  it('frees the doctor’s time when cancelled or entered in error, and then alone', () => {
    expect(statuses.filter((status) => !holdsTime(status))).toEqual(['cancelled', 'entered-in-error']);
  });
});
