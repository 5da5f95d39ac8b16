import { expect, test } from 'vitest';
import type { LogMessage } from './log.js';
import { LogPages } from './log-pages.js';

/** A log of so many messages; `asked` are the positions that it was read from. */
function logOf(count: number) {
  const asked: number[] = [];
  const log = {
    count,
    read: (address: string, after: number, limit: number): Promise<LogMessage[]> => {
      asked.push(after);
      const seqs = Array.from({ length: Math.min(limit, log.count - after) }, (_, i) => after + i + 1);
      return Promise.resolve(
        seqs.map((seq) => ({
          id: `${seq}`,
          position: { epoch: 'e', seq },
          address,
          headers: new Map(),
          body: Buffer.of(),
        })),
      );
    },
  };
  const source = { read: (after: number) => log.read('/user/ada/queue/x', after, 2) };
  return { log, asked, pages: new LogPages(source, 2) };
}

const seqs = (page: readonly LogMessage[]): number[] => page.map(({ position }) => position.seq);

test('a reader of whole pages finds the next one read already, and no more than one', async () => {
  const { asked, pages } = logOf(100);

  expect(seqs(await pages.after(0))).toEqual([1, 2]);
  expect(asked).toEqual([0]);
  expect(seqs(await pages.after(2))).toEqual([3, 4]);
  expect(asked).toEqual([0, 2, 4]);
  expect(seqs(await pages.after(4))).toEqual([5, 6]);

  expect(asked).toEqual([0, 2, 4, 6]);
});

test('a reader who stopped within a page goes on from there', async () => {
  const { asked, pages } = logOf(100);
  await pages.after(0);
  await pages.after(2);

  expect(seqs(await pages.after(3))).toEqual([4, 5]);

  expect(asked).toEqual([0, 2, 4, 3]);
});

test('what came after the next page was found empty is read', async () => {
  const { log, pages } = logOf(4);
  await pages.after(0);
  await pages.after(2);

  log.count = 5;

  expect(seqs(await pages.after(4))).toEqual([5]);
});

test('a failure of the page ahead is heard by whoever comes for it, and by nobody else', async () => {
  const { log, pages } = logOf(100);
  const { read } = log;
  await pages.after(0);
  log.read = (address, after, limit) =>
    after === 4 ? Promise.reject(new Error('The disk is gone')) : read(address, after, limit);
  await pages.after(2);

  await expect(pages.after(4)).rejects.toThrow('The disk is gone');
  log.read = read;
  expect(seqs(await pages.after(4))).toEqual([5, 6]);
});
