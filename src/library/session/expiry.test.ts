import { expect, test } from 'vitest';
import { FakeClock } from '../testing/fake-clock.js';
import { Expiry, watchLogin } from './expiry.js';

const MINUTE = 60_000;

function start(lifeMs: number) {
  const clock = new FakeClock();
  const ends: number[] = [];
  const expiry = new Expiry(clock, clock.now() + lifeMs, MINUTE, () => ends.push(clock.monotonic()));
  return { clock, ends, expiry };
}

test('a login ends when its time is over, once', () => {
  const { clock, ends } = start(90_123);

  clock.pass(10 * MINUTE);

  expect(ends).toEqual([90_123]);
  expect(clock.pending).toBe(0);
});

test('a clock that is set ahead a little ends no login early', () => {
  const { clock, ends } = start(10 * MINUTE);

  clock.pass(MINUTE);
  clock.stepWall(30_000);
  clock.pass(9 * MINUTE - 1);
  expect(ends).toEqual([]);
  clock.pass(1);

  expect(ends).toEqual([10 * MINUTE]);
});

test('a clock that is set back ends a login when it says so, like every other use of the token', () => {
  const { clock, ends } = start(10 * MINUTE);

  clock.stepWall(-30_000);
  clock.pass(60 * MINUTE);

  expect(ends).toEqual([10 * MINUTE + 30_000]);
});

test('a clock that is hours ahead, as after a sleep, ends the login at the next look', () => {
  const { clock, ends } = start(60 * MINUTE);

  clock.pass(5 * MINUTE);
  clock.stepWall(8 * 60 * MINUTE);
  clock.pass(2 * MINUTE);

  expect(ends).toHaveLength(1);
});

test('a login that is over when it begins ends at once', () => {
  const { clock, ends } = start(-5);

  clock.pass(0);

  expect(ends).toEqual([0]);
});

test('what was cancelled ends nothing, and leaves no timer', () => {
  const { clock, ends, expiry } = start(90_000);

  clock.pass(70_000);
  expiry.cancel();
  clock.pass(90_000);

  expect([ends, clock.pending]).toEqual([[], 0]);
});

test('a login of which nothing is said lives on, and costs no timer', () => {
  const clock = new FakeClock();
  const ends: string[] = [];

  const stop = watchLogin({}, { clock, clockStepMs: MINUTE }, (code) => ends.push(code));

  expect(clock.pending).toBe(0);
  clock.pass(100 * MINUTE);
  expect(ends).toEqual([]);
  stop();
});

test('a watched login says why it ends, and nothing once nobody watches', () => {
  const clock = new FakeClock();
  const login = new AbortController();
  const ends: string[] = [];
  const watch = (): (() => void) =>
    watchLogin(
      { expiresAt: clock.now() + MINUTE, ended: login.signal },
      { clock, clockStepMs: MINUTE },
      (code) => ends.push(code),
    );

  const stop = watch();
  clock.pass(MINUTE);
  stop();
  watch()();
  const last = watch();
  login.abort();
  last();

  expect(ends).toEqual(['auth_expired', 'auth_revoked']);
  expect(clock.pending).toBe(0);
});
