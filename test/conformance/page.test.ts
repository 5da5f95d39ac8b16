import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { clauses } from './clauses.js';
import { headCells, plain, rowsIn } from './page.js';

it('every clause has an id of its own', () => {
  const ids = clauses.map(({ id }) => id);

  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
});

it('docs/conformance.md lists the clauses as they are; else `npm run conformance` writes it', async () => {
  const rows = rowsIn(await readFile('docs/conformance.md', 'utf8'));

  expect(rows.map((cells) => cells.slice(0, 5))).toEqual(
    clauses.map((clause) => headCells(clause).map(plain)),
  );
});

it('docs/conformance.md shows no violation', async () => {
  const rows = rowsIn(await readFile('docs/conformance.md', 'utf8'));

  expect(rows.filter((cells) => cells.includes('✗'))).toEqual([]);
});
