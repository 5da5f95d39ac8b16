import { beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../../src/library/testing/fake-clock.js';
import { Report } from './report.js';

let clock: FakeClock;
let told: (readonly number[])[];
let isAway: boolean;
let report: Report;

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  isAway = false;
  report = new Report(
    async (ids) => {
      if (isAway) throw new Error('The server can’t be reached.');
      told.push(ids);
    },
    { clock, delayMs: 300, limit: 3 },
  );
});

it('a burst is told at once, and of each row once', () => {
  for (const id of [1, 2, 2]) report.add([id]);
  clock.pass(299);
  const early = [...told];
  clock.pass(1);
  report.add([2, 3]);
  clock.pass(300);

  expect(early).toEqual([]);
  expect(told).toEqual([[1, 2], [3]]);
});

it('more than fits is told in several', () => {
  report.add([1, 2, 3, 4]);
  clock.pass(600);

  expect(told).toEqual([[1, 2, 3], [4]]);
});

it('what nobody heard of is told when it comes again', async () => {
  isAway = true;
  report.add([1]);
  clock.pass(300);
  await Promise.resolve();
  isAway = false;
  report.add([1]);
  clock.pass(300);

  expect(told).toEqual([[1]]);
});

it('one that has ended tells nothing', () => {
  report.add([1]);
  report.end();
  report.add([2]);
  clock.pass(300);

  expect(told).toEqual([]);
  expect(clock.pending).toBe(0);
});
