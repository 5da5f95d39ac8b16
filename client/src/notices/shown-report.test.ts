import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ShownReport } from './shown-report.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('what is shown in a burst is told at once, and each once', async () => {
  const told: (readonly number[])[] = [];
  const report = new ShownReport((ids) => Promise.resolve(void told.push(ids)), 300);

  for (const id of [1, 2, 2, 3]) report.add(id);
  await vi.advanceTimersByTimeAsync(299);
  const early = [...told];
  await vi.advanceTimersByTimeAsync(1);
  report.add(4);
  await vi.advanceTimersByTimeAsync(300);

  expect(early).toEqual([]);
  expect(told).toEqual([[1, 2, 3], [4]]);
});

it('what nobody hears of fails for nobody', async () => {
  const report = new ShownReport(() => Promise.reject(new Error('offline')), 1);

  report.add(1);
  await vi.advanceTimersByTimeAsync(10);
});

it('a stopped one tells nothing', async () => {
  const told: (readonly number[])[] = [];
  const report = new ShownReport((ids) => Promise.resolve(void told.push(ids)), 1);

  report.add(1);
  report.stop();
  await vi.advanceTimersByTimeAsync(10);

  expect(told).toEqual([]);
});
