import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it.each(['src/library/limits.ts', 'src/clinic/limits.ts'])(
  '%s says of each limit what it means',
  async (file) => {
    const text = await readFile(file, 'utf8');
    const names = [...text.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name);
    const told = [...text.matchAll(/\*\/\n {2}(\w+): /g)].map(([, name]) => name);

    expect(names.length).toBeGreaterThan(20);
    expect(told).toEqual(names);
  },
);
