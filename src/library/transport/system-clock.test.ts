import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SystemClock } from './system-clock.js';

/** What has come is read in two turns of the loop, and a turn takes a millisecond of vitest's time. */
const READING_MS = 2;
const days = 24 * 60 * 60 * 1000;

let systemClock: SystemClock;
beforeEach(() => {
  vi.useFakeTimers();
  systemClock = new SystemClock();
});
afterEach(() => void vi.useRealTimers());

test('it calls back once, not before its time', () => {
  let calls = 0;
  systemClock.after(100, () => (calls += 1));

  vi.advanceTimersByTime(99);
  expect(calls).toBe(0);
  vi.advanceTimersByTime(1_000);

  expect(calls).toBe(1);
});

test('a wait of more than 24 days, longer than setTimeout knows, is waited for', () => {
  const clock = new SystemClock(days);
  let calls = 0;
  clock.after(60 * days, () => (calls += 1));

  vi.advanceTimersByTime(59 * days);
  expect(calls).toBe(0);
  vi.advanceTimersByTime(days + READING_MS);

  expect(calls).toBe(1);
});

test('what is cancelled does not call, also in the middle of a long wait', () => {
  const clock = new SystemClock(days);
  let calls = 0;
  const timer = clock.after(60 * days, () => (calls += 1));

  vi.advanceTimersByTime(30 * days);
  timer.cancel();
  vi.advanceTimersByTime(60 * days);

  expect(calls).toBe(0);
});

test('a time that has passed is called back at once', () => {
  let calls = 0;
  systemClock.after(-5, () => (calls += 1));

  vi.advanceTimersByTime(1 + READING_MS);

  expect(calls).toBe(1);
});

test('what is due at the same moment rings together, but for what was cancelled, also by one that rang before', () => {
  const rang: string[] = [];
  systemClock.after(100, () => {
    rang.push('first');
    second.cancel();
  });
  const second = systemClock.after(100, () => rang.push('second'));
  const third = systemClock.after(100, () => rang.push('third'));
  systemClock.after(100, () => rang.push('fourth'));

  third.cancel();
  vi.advanceTimersByTime(101 + READING_MS);

  expect(rang).toEqual(['first', 'fourth']);
});

test('who rings with others is in the context of none of them', () => {
  const context = new AsyncLocalStorage<string>();
  const contexts: (string | undefined)[] = [];
  const note = (): void => void contexts.push(context.getStore());
  vi.useRealTimers();

  return new Promise<void>((resolve) => {
    context.run('ada', () => systemClock.after(5, note));
    context.run('bob', () => systemClock.after(5, note));
    systemClock.after(20, () => {
      expect(contexts).toEqual([undefined, undefined]);
      resolve();
    });
  });
});

test('one that throws does not keep the others from ringing', () => {
  const rang: string[] = [];
  systemClock.after(100, () => {
    throw new Error('mine');
  });
  systemClock.after(100, () => rang.push('the other'));

  expect(() => vi.advanceTimersByTime(200)).toThrow('mine');

  expect(rang).toEqual(['the other']);
});

test('monotonic time goes on where wall time is stepped', () => {
  const [wall, monotonic] = [systemClock.now(), systemClock.monotonic()];

  vi.setSystemTime(wall - 30_000);
  vi.advanceTimersByTime(100);

  expect(systemClock.now()).toBe(wall - 29_900);
  expect(systemClock.monotonic() - monotonic).toBe(100);
});

test('time in which the process stood still is not counted', () => {
  vi.useRealTimers();
  const clock = new SystemClock(10);
  const timer = clock.after(60_000, () => undefined);
  const before = clock.monotonic();

  standStill(500);

  expect(clock.monotonic() - before).toBeLessThan(250);
  timer.cancel();
});

test('what is due while the process stands still waits for the rest of its time', async () => {
  vi.useRealTimers();
  const clock = new SystemClock(10);
  const before = clock.monotonic();

  const rang = new Promise<number>((resolve) => clock.after(200, () => resolve(clock.monotonic())));
  standStill(500);

  expect((await rang) - before).toBeGreaterThanOrEqual(200);
});

test('what came while the process stood still is read before a timer rings', async () => {
  vi.useRealTimers();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [peer] = (await once(server, 'connection')) as [Socket];
  const order: string[] = [];
  peer.on('data', () => order.push('read'));

  const rang = new Promise<void>((resolve) =>
    systemClock.after(20, () => {
      order.push('rang');
      resolve();
    }),
  );
  client.write('x');
  standStill(100);
  await rang;

  expect(order).toEqual(['read', 'rang']);
  client.destroy();
  server.close();
});

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
