import { expect, test } from 'vitest';
import { FakeClock } from '../testing/fake-clock.js';
import { KeepAlive } from './keep-alive.js';

function start(silenceMs: number) {
  const clock = new FakeClock();
  const beats: number[] = [];
  const begin = clock.now();
  const keepAlive = new KeepAlive(clock, silenceMs, { beat: () => beats.push(clock.now() - begin) });
  return { clock, beats, keepAlive };
}

test('a connection on which nothing is written beats before its silence is over, again and again', () => {
  const { clock, beats } = start(1_000);

  clock.pass(4_000);

  const gaps = [0, ...beats].map((at, i, all) => (all[i + 1] ?? 4_000) - at);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(1_000);
});

test('a connection that writes often enough never beats', () => {
  const { clock, beats, keepAlive } = start(1_000);

  for (let i = 0; i < 20; i += 1) {
    keepAlive.wrote();
    clock.pass(400);
  }

  expect(beats).toEqual([]);
});

test('a connection that is over beats no more', () => {
  const { clock, beats, keepAlive } = start(1_000);

  keepAlive.stop();
  clock.pass(10_000);

  expect(beats).toEqual([]);
});
