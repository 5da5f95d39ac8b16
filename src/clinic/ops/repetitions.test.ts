import { expect, test } from 'vitest';
import { FakeClock } from '../../library/testing/fake-clock.js';
import { Repetitions } from './repetitions.js';

test('trouble is told at once, and again after a while with how often it was', () => {
  const clock = new FakeClock();
  const repetitions = new Repetitions(clock);
  const counts: number[] = [];

  for (let second = 0; second < 21; second += 1) {
    counts.push(repetitions.count('error', 'Http', 'A request failed'));
    clock.pass(1_000);
  }

  expect(counts.filter((count) => count > 0)).toEqual([1, 10, 10]);
});

test('other trouble is told beside it, whatever the errors say', () => {
  const repetitions = new Repetitions(new FakeClock());
  const failed = (message: string, code: string): Error => Object.assign(new Error(message), { code });

  const codes = ['EPIPE', 'ENOSPC', 'EPIPE'].map((code, i) =>
    repetitions.count('error', 'Http', 'failed', failed(`by ${i}`, code)),
  );

  expect(codes).toEqual([1, 1, 0]);
});

test('causes tell trouble apart', () => {
  const repetitions = new Repetitions(new FakeClock());
  const caused = (cause: Error): Error => new Error('not available', { cause });

  const counts = [new TypeError(), new RangeError()].map((cause) => repetitions.count('warn', caused(cause)));

  expect(counts).toEqual([1, 1]);
});

test('what is remembered has a bound', () => {
  const repetitions = new Repetitions(new FakeClock());
  repetitions.count('first');

  for (let i = 0; i < 200; i += 1) repetitions.count(`kind ${i}`);

  expect(repetitions.count('first')).toBe(1);
});
