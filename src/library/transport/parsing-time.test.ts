import { expect, it } from 'vitest';
import { FakeClock } from '../testing/fake-clock.js';
import { ParsingTime } from './parsing-time.js';

function start() {
  const clock = new FakeClock();
  return { clock, parsing: new ParsingTime(clock, { requestParseMs: 250 }) };
}

it('lets an owner that has used its time pause, and nobody else', () => {
  const { clock, parsing } = start();

  parsing.count('a', () => clock.keepBusy(24));
  expect(parsing.waitMs('a')).toBe(0);
  parsing.count('a', () => clock.keepBusy(10));

  expect(parsing.waitMs('a')).toBeGreaterThan(10);
  expect(parsing.waitMs('b')).toBe(0);
});

it('gives one that parses all the time a quarter of it', () => {
  const { clock, parsing } = start();
  let usedMs = 0;
  while (clock.monotonic() < 10_000) {
    clock.pass(parsing.waitMs('a'));
    parsing.count('a', () => clock.keepBusy(2));
    usedMs += 2;
  }

  expect(usedMs).toBeGreaterThan(2_400);
  expect(usedMs).toBeLessThan(2_700);
});

it('doesn’t count what is made of the requests', () => {
  const { clock, parsing } = start();

  parsing.count('a', () => parsing.except(() => parsing.except(() => clock.keepBusy(1_000))));

  expect(parsing.waitMs('a')).toBe(0);
});

it('is no longer a pause than a moment, however long the process stood still', () => {
  const { clock, parsing } = start();

  parsing.count('a', () => clock.keepBusy(60_000));

  expect(parsing.waitMs('a')).toBeLessThan(200);
});
