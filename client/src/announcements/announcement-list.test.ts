import { expect, it } from 'vitest';
import { withPage } from './announcement-list.js';

const page = (...seqs: number[]) => ({
  items: seqs.map((seq) => ({
    seq,
    cursor: `e:${seq}`,
    message: `${seq}`,
    timestamp: '2026-01-05T09:00:00.000Z',
  })),
  next: `e:${seqs.at(-1)}`,
});
const seqs = ({ items }: ReturnType<typeof withPage>) => items?.map(({ seq }) => seq);

it('an older page goes behind what is there', () => {
  const shown = withPage(page(9, 8), { ...page(7, 6), next: null }, 'e:8');

  expect([seqs(shown), shown.next]).toEqual([[9, 8, 7, 6], null]);
});

it('a newer page goes before what is there, and what was loaded stays', () => {
  const shown = withPage(page(8, 7, 6, 5), page(10, 9, 8), undefined);

  expect([seqs(shown), shown.next]).toEqual([[10, 9, 8, 7, 6, 5], 'e:5']);
});

it('a newer page with a gap behind it is all that is shown', () => {
  const shown = withPage(page(5, 4), page(10, 9, 8), undefined);

  expect([seqs(shown), shown.next]).toEqual([[10, 9, 8], 'e:8']);
});

it('the first page is what is shown', () => {
  expect(seqs(withPage({ items: undefined, next: null }, page(2, 1), undefined))).toEqual([2, 1]);
});
