import { expect, it } from 'vitest';
import { fuzz } from './fuzz.js';

it('five seconds of mutated conversations crash nothing, hang nothing and reach nobody else', async () => {
  const seed = Date.now() % 1_000_000_000;

  expect(await fuzz(seed, 5)).toBeGreaterThan(10);
});
