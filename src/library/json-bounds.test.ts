import { expect, it } from 'vitest';
import { excessIn } from './json-bounds.js';

const bounds = { jsonDepth: 64, jsonValues: 1_000 };
const nested = (levels: number): unknown =>
  JSON.parse(`${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`);
const wide = (values: number): unknown => ({ ids: Array.from({ length: values - 2 }, () => []) });

it.each([
  [1, undefined],
  [[], undefined],
  [[[[]]], undefined],
  [nested(64), undefined],
  [nested(66), 'is nested deeper than 64 levels'],
  [JSON.parse(`{"__proto__":${'['.repeat(70)}${']'.repeat(70)}}`), 'is nested deeper than 64 levels'],
  [wide(1_000), undefined],
  [wide(1_001), 'holds more than 1000 values'],
])('says what is too much of a value', (value, excess) => {
  expect(excessIn(value, bounds)).toBe(excess);
});

it('walks what is nested as deep as a body can say', () => {
  expect(excessIn(nested(200_000), { ...bounds, jsonValues: Infinity })).toBe(
    'is nested deeper than 64 levels',
  );
});
