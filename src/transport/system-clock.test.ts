import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from './system-clock.js';

beforeEach(() => void vi.useFakeTimers());
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
  const days = 24 * 60 * 60 * 1000;
  let calls = 0;
  systemClock.after(60 * days, () => (calls += 1));

  vi.advanceTimersByTime(59 * days);
  expect(calls).toBe(0);
  vi.advanceTimersByTime(days);

  expect(calls).toBe(1);
});

test('what is cancelled does not call, also in the middle of a long wait', () => {
  const days = 24 * 60 * 60 * 1000;
  let calls = 0;
  const timer = systemClock.after(60 * days, () => (calls += 1));

  vi.advanceTimersByTime(30 * days);
  timer.cancel();
  vi.advanceTimersByTime(60 * days);

  expect(calls).toBe(0);
});

test('a time that has passed is called back at once', () => {
  let calls = 0;
  systemClock.after(-5, () => (calls += 1));

  vi.advanceTimersByTime(1);

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
  vi.advanceTimersByTime(101);

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
