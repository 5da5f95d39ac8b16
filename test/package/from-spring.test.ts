import { readFile } from 'node:fs/promises';
import * as nest from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import * as carillon from '../../src/library/exports/carillon.js';

describe('docs/from-spring.md', () => {
  it('shows decorators that there are', async () => {
    const text = await readFile('docs/from-spring.md', 'utf8');
    const [, typescript = ''] = /```ts\n(.*?)```/s.exec(text) ?? [];
    const right = text
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .map((line) => line.split('|')[2] ?? '');
    const named = [typescript, ...right].flatMap((part) =>
      [...part.matchAll(/@([A-Z]\w+)/g)].map(([, name]) => name),
    );

    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name = '') => !(name in carillon) && !(name in nest))).toEqual([]);
  });

  it('has a row for each of the thirty', async () => {
    const text = await readFile('docs/from-spring.md', 'utf8');
    const rows = [...text.matchAll(/^\| (\d+(?:, \d+)?) \|/gm)].flatMap(([, numbers = '']) =>
      numbers.split(', '),
    );

    expect(rows.map(Number)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  });
});
