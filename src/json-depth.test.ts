import { expect, it } from 'vitest';
import { isDeeperThan } from './json-depth.js';

const nested = (levels: number): unknown =>
  JSON.parse(`${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`);

it.each([
  [1, false],
  [[], false],
  [[[[]]], false],
  [nested(64), false],
  [nested(66), true],
  [nested(200_000), true],
  [JSON.parse(`{"__proto__":${'['.repeat(70)}${']'.repeat(70)}}`), true],
])('of a value it says whether it is deeper than 64 levels', (value, isDeeper) => {
  expect(isDeeperThan(64, value)).toBe(isDeeper);
});
