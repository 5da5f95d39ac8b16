import { expect, test } from 'vitest';
import type { Log, LogMessage } from './log.js';
import { SharedPages } from './shared-pages.js';

/** A log of so many rows that answers when the test lets it; `asked` are the positions it was read from. */
function setUp(count: number) {
  const asked: number[] = [];
  const answers: (() => void)[] = [];
  const log = {
    count,
    read: (address: string, after: number, limit: number): Promise<LogMessage[]> => {
      asked.push(after);
      const seqs = Array.from({ length: Math.min(limit, log.count - after) }, (_, i) => after + i + 1);
      const rows = seqs.map((seq) => ({
        id: `${seq}`,
        position: { epoch: 'e', seq },
        address,
        headers: new Map(),
        body: Buffer.of(),
      }));
      return new Promise((resolve) => answers.push(() => resolve(rows)));
    },
  };
  const pages = new SharedPages(log as unknown as Log, '/user/ada/queue/x', 3);
  const answer = (): void => answers.shift()?.();
  return { log, pages, asked, answer };
}

const seqs = (rows: readonly LogMessage[]): number[] => rows.map(({ position }) => position.seq);

test('readers who ask for the same page at the same time share one read, and those who come soon after', async () => {
  const { pages, asked, answer } = setUp(5);
  for (let i = 0; i < 4; i++) pages.begin();

  const [first, second] = [pages.read(0), pages.read(0)];
  answer();
  expect([seqs(await first), seqs(await second)]).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ]);

  expect([seqs(await pages.read(0)), seqs(await pages.read(1))]).toEqual([
    [1, 2, 3],
    [2, 3],
  ]);
  expect(asked).toEqual([0]);
});

test('a reader who joined a read that found nothing asks again: it has heard of something since', async () => {
  const { log, pages, asked, answer } = setUp(0);
  pages.begin();
  const first = pages.read(0);
  log.count = 1;
  const second = pages.read(0);
  answer();
  expect(seqs(await first)).toEqual([]);
  await Promise.resolve();

  answer();

  expect(seqs(await second)).toEqual([1]);
  expect(asked).toEqual([0, 0]);
});

test('nothing is kept once all readers have caught up', async () => {
  const { pages, asked, answer } = setUp(3);
  pages.begin();
  const page = pages.read(0);
  answer();
  await page;
  pages.end();

  void pages.read(0);

  expect(asked).toEqual([0, 0]);
});
