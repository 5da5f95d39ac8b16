import { expect, it } from 'vitest';
import { backoffMs, ceilingMs } from './backoff.js';

it.each([
  [1, 1_000],
  [2, 2_000],
  [5, 16_000],
  [6, 30_000],
  [1_000, 30_000],
])('after %i failures it waits %i ms at most', (failures, ceiling) => {
  expect(ceilingMs(failures)).toBe(ceiling);
});

it('spreads attempts over the whole time, down to at once', () => {
  expect(backoffMs(3, 0)).toBe(0);
  expect(backoffMs(3, 0.5)).toBe(2_000);
  expect(backoffMs(3, 0.999)).toBeLessThan(ceilingMs(3));
});
