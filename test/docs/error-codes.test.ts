import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { codes } from '../../src/clinic/errors.js';
import { PAGE, pageWith, silentRows } from './error-codes.js';

it('docs/errors.md has the codes as they are; else `npm run error-codes` writes them', async () => {
  const page = await readFile(PAGE, 'utf8');

  expect(pageWith(page, codes)).toBe(page);
});

it('docs/errors.md says of each code what happened', async () => {
  expect(silentRows(await readFile(PAGE, 'utf8'))).toEqual([]);
});
