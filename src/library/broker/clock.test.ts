import { expect, test } from 'vitest';
import { FakeClock } from '../testing/fake-clock.js';
import { withOthers } from './clock.js';

test.each([
  ['sooner', 9_000],
  ['later', 9_100],
] as const)('what recurs every 10 s is due with others, %s', (round, expected) => {
  const due = [0, 1, 37, 99].map((start) => {
    const clock = clockAt(start);
    return start + withOthers(clock, 9_000 + (round === 'later' ? 1 : 0), 10_000, round);
  });

  expect(due).toEqual(due.map(() => expected));
});

test.each([
  ['sooner', 8_970],
  ['later', 9_070],
] as const)('the difference is a hundredth of the interval at most: %s', (round, expected) => {
  expect(withOthers(clockAt(30), 9_000, 10_000, round)).toBe(expected);
});

test.each(['sooner', 'later'] as const)(
  'what is due on the spot, or recurs fast, is due as it was: %s',
  (round) => {
    expect(withOthers(clockAt(1_200), 100, 10_000, round)).toBe(100);
    expect(withOthers(clockAt(7), 45, 50, round)).toBe(45);
    expect(withOthers(clockAt(7), 0.9, 1, round)).toBe(0.9);
  },
);

test('a step of wall time moves nothing that recurs', () => {
  const clock = clockAt(30);

  clock.stepWall(-77_777);

  expect(withOthers(clock, 9_000, 10_000, 'sooner')).toBe(8_970);
});

function clockAt(monotonic: number): FakeClock {
  const clock = new FakeClock();
  clock.pass(monotonic);
  return clock;
}
