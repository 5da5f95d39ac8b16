import { describe, expect, it } from 'vitest';
import { pauseAfter, retryAfterOf } from './retry.js';

const limits = { deliveryRetryMs: 5_000 };

describe('the pause after an attempt', () => {
  it.each([
    [1, 5_000],
    [2, 20_000],
    [3, 80_000],
    [6, 3_600_000],
    [50, 3_600_000],
  ])('no. %i is %i ms, or up to a quarter less', (attempts, longest) => {
    expect(pauseAfter(attempts, 0, limits, () => 1)).toBe(longest);
    expect(pauseAfter(attempts, 0, limits, () => 0)).toBe(longest * 0.75);
  });

  it('is as long as the far end asked for, within a day', () => {
    expect(pauseAfter(1, 60_000, limits)).toBe(60_000);
    expect(pauseAfter(1, 10 ** 12, limits)).toBe(86_400_000);
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-11-28T10:00:00Z');

  it.each([
    ['120', 120_000],
    ['Sat, 28 Nov 2026 10:00:30 GMT', 30_000],
    ['Sat, 28 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s means %s ms', (header, ms) => {
    expect(retryAfterOf(header, now)).toBe(ms);
  });
});
