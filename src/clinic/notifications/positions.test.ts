import { expect, it } from 'vitest';
import type { Entry } from '../../library/inbox/entry.js';
import { assertGapless } from './positions.js';

const head = { epoch: 'e', seq: 6, earliest: 2 };

it.each<[string, number[], number, boolean]>([
  ['all that came after', [3, 4, 5, 6], 2, true],
  ['a page of it', [3, 4], 2, false],
  ['what was kept below the prune mark, and all above', [1, 3, 4, 5, 6], 0, true],
  ['a page below the prune mark', [1], 0, false],
  ['nothing after the head', [], 6, true],
  ['one that came after the head was asked for', [7], 6, true],
])('rows are gapless that are %s', (_, seqs, after, reachesEnd) => {
  expect(() => assertGapless(rows(seqs), after, head, reachesEnd)).not.toThrow();
});

it.each<[string, number[], number, boolean]>([
  ['the first', [4, 5, 6], 2, true],
  ['one in the middle', [3, 5, 6], 2, true],
  ['the last', [3, 4, 5], 2, true],
  ['all', [], 2, true],
  ['the first above the prune mark', [1, 4, 5, 6], 0, true],
])('who lacks %s, pruned while the page was read, is told to reload', (_, seqs, after, reachesEnd) => {
  expect(() => assertGapless(rows(seqs), after, head, reachesEnd)).toThrow(
    expect.objectContaining({ code: 'cursor_reset', details: expect.objectContaining({ reason: 'pruned' }) }),
  );
});

function rows(seqs: readonly number[]): Entry[] {
  return seqs.map((seq) => ({ seq }) as Entry);
}
