import { expect, it } from 'vitest';
import { ServerClock } from './clock.js';
import { steadyNow } from './steady-now.js';

const day = 24 * 60 * 60 * 1_000;

it.each([day, -day, 61 * 60_000, -20 * 60_000])('learns that the server is %i ms ahead', (ahead) => {
  const clock = new ServerClock();

  clock.learn(new Date(steadyNow() + ahead).toUTCString());

  expect(Math.abs(clock.now() - steadyNow() - ahead)).toBeLessThan(2_000);
});

it('isn’t moved by the rounding of an answer, nor by one without a date', () => {
  const clock = new ServerClock();
  let moves = 0;
  clock.offset.subscribe(() => moves++);

  clock.learn(new Date(steadyNow() - 500).toUTCString());
  clock.learn(null);
  clock.learn('soon');

  expect(moves).toBe(0);
});
