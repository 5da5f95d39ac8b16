import { expect, test } from 'vitest';
import { FakeClock } from './fake-clock.js';

test('time that passes moves both clocks, and timers ring each at its own time', () => {
  const clock = new FakeClock(1_000);
  const rang: number[] = [];
  clock.after(20, () => rang.push(clock.now()));
  clock.after(10, () => rang.push(clock.now()));

  clock.pass(50);

  expect(rang).toEqual([1_010, 1_020]);
  expect([clock.now(), clock.monotonic()]).toEqual([1_050, 50]);
});

test.each([30_000, -30_000])(
  'a step of wall time by %i ms is no time that passed: no timer rings',
  (step) => {
    const clock = new FakeClock(100_000);
    let rings = 0;
    clock.after(10, () => (rings += 1));

    clock.stepWall(step);
    clock.pass(9);
    expect(rings).toBe(0);
    clock.pass(1);

    expect(rings).toBe(1);
    expect([clock.now(), clock.monotonic()]).toEqual([100_010 + step, 10]);
  },
);
