import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Queues1763700000002 } from '../../../migrations/1763700000002-queues.js';
import { postgres, sqlite, type DatabaseKind } from '../../../test/databases.js';
import { SharingNode } from '../../../test/sharing-node.js';
import { ExclusiveQueueStore } from '../broker/exclusive-queue-store.js';
import { MemoryQueueTable } from '../broker/memory-queue-table.js';
import type { QueueBatch, QueueStore, QueuedMessage } from '../broker/queue-store.js';
import type { QueueTable } from '../broker/queue-table.js';
import { limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { SqlQueueTable } from './sql-queue-table.js';
import { Store } from './store.js';

const QUEUE = '/queue/a';

const time = new FakeClock();

/** A millisecond after the one before. */
function laterClock(): FakeClock {
  time.pass(1);
  return time;
}

/** Where a store keeps its messages. */
interface Place {
  /** A store on them, as a process has one that starts. */
  open(): Promise<QueueStore>;
  /** Ends the one before as a process ends. */
  close(): Promise<void>;
  remove(): Promise<void>;
}

interface Kind {
  readonly name: string;
  readonly isHere: boolean;
  create(): Promise<Place>;
}

const memory: Kind = {
  name: 'memory',
  isHere: true,
  async create() {
    const table = new MemoryQueueTable();
    return {
      open: async () => new ExclusiveQueueStore(table, laterClock()),
      close: async () => {},
      remove: async () => {},
    };
  },
};

function exclusive(kind: DatabaseKind): Kind {
  return {
    name: kind.name,
    isHere: kind.isHere,
    async create() {
      const database = await kind.create();
      let store: Store | undefined;
      return {
        async open() {
          store = await openStore(database.url);
          return new ExclusiveQueueStore(new SqlQueueTable(store), laterClock());
        },
        close: async () => store?.close(),
        async remove() {
          await store?.close();
          await database.drop();
        },
      };
    },
  };
}

const shared: Kind = {
  name: `${postgres.name}, which other nodes may share`,
  isHere: postgres.isHere,
  async create() {
    const database = await postgres.create();
    let node: SharingNode | undefined;
    return {
      async open() {
        node = await SharingNode.start(database.url);
        return node.queues;
      },
      close: async () => node?.stop(),
      async remove() {
        await node?.stop();
        await database.drop();
      },
    };
  },
};

function openStore(databaseUrl: string): Promise<Store> {
  return Store.open({
    entities: [],
    migrations: [Queues1763700000002],
    databaseUrl,
    limits,
    logError: (message) => expect.fail(message),
  });
}

/** The contract of `QueueStore`, for all who implement it. */
describe.each([memory, exclusive(sqlite), exclusive(postgres), shared])('a queue store', (kind) => {
  describe.skipIf(!kind.isHere)(`in ${kind.name}: a message`, () => {
    let place: Place;
    let store: QueueStore;
    const start = async (): Promise<void> => {
      store = await place.open();
      await store.lengths();
    };
    beforeEach(async () => {
      place = await kind.create();
      await start();
    });
    afterEach(() => place.remove());

    const restart = async (): Promise<void> => {
      await store.close();
      await place.close();
      await start();
    };
    const put = (
      body: string,
      { queue = QUEUE, mine = false, headers = new Map<string, string>() } = {},
    ): QueueBatch['puts'][number] => ({ queue, headers, body: Buffer.from(body), deliveries: 0, mine });
    const commit = (batch: Partial<QueueBatch>): Promise<readonly (number | undefined)[]> =>
      store.commit({ puts: [], removes: [], counts: [], frees: [], ...batch });
    const puts = (...bodies: string[]): Promise<readonly (number | undefined)[]> =>
      commit({ puts: bodies.map((body) => put(body)) });
    const claim = (queue = QUEUE): Promise<QueuedMessage[]> => store.claim(queue, 10_000, 10_000_000);
    const bodies = (messages: readonly QueuedMessage[]): string[] =>
      messages.map(({ body }) => Buffer.from(body).toString());

    it('comes back to the byte, in another process too', async () => {
      const body = Buffer.from([0, 255, 10, 0]);
      const headers = new Map([
        ['content-type', 'text/plain'],
        ['odd', 'ü "\n\\'],
      ]);
      const [position] = await commit({
        puts: [{ queue: QUEUE, headers, body, deliveries: 3, mine: false }],
      });
      await restart();

      const [found] = await claim();

      expect({ ...found, body: Buffer.from(found?.body ?? []) }).toEqual({
        position,
        queue: QUEUE,
        headers,
        body,
        deliveries: 3,
      });
    });

    it('is claimed in the order of the puts, which is that of the positions, one queue at a time', async () => {
      const first = await commit({ puts: [put('1'), put('other', { queue: '/queue/b' }), put('2')] });
      const then = await puts('3');

      const claimed = await claim();

      expect(bodies(claimed)).toEqual(['1', '2', '3']);
      expect(claimed.map(({ position }) => position)).toEqual([first[0], first[2], then[0]]);
      expect([...first, ...then]).toEqual([...first, ...then].toSorted((a, b) => a! - b!));
    });

    it('is claimed by pages, of so many messages and so many bytes, and never less than one', async () => {
      await puts(...['1', '2', '3', '4', '5', '6'].map((body) => body.padEnd(1_000)));

      const pages = [
        await store.claim(QUEUE, 2, 10_000),
        await store.claim(QUEUE, 10, 2_900),
        await store.claim(QUEUE, 10, 1),
      ];

      expect(pages.map((page) => bodies(page).map((body) => body.trim()))).toEqual([
        ['1', '2'],
        ['3', '4'],
        ['5'],
      ]);
    });

    it('weighs its headers as it weighs its body, where pages are cut', async () => {
      const headers = new Map([['note', 'x'.repeat(1_000)]]);
      await commit({ puts: ['1', '2', '3'].map((body) => put(body, { headers })) });

      expect(bodies(await store.claim(QUEUE, 10, 5_000))).toEqual(['1', '2']);
    });

    it('that is held is claimed by nobody, and in its old place once it was released', async () => {
      const [, second] = await puts('1', '2', '3');
      expect(await claim()).toHaveLength(3);
      await puts('4');
      expect(bodies(await claim())).toEqual(['4']);

      await store.release(QUEUE, [second!]);
      await puts('5');

      expect(bodies(await claim())).toEqual(['2', '5']);
    });

    it('goes to one of two who claim at once', async () => {
      await puts('1', '2', '3', '4');

      const pages = await Promise.all([store.claim(QUEUE, 3, 10_000), store.claim(QUEUE, 3, 10_000)]);

      const all = pages.flatMap(bodies);
      expect(new Set(all).size).toBe(all.length);
      expect([...all, ...bodies(await claim())].toSorted()).toEqual(['1', '2', '3', '4']);
    });

    it('that is put as one’s own is held from the start, and hides none before it', async () => {
      const [, mine] = await commit({ puts: [put('1'), put('mine', { mine: true }), put('2')] });
      expect(bodies(await claim())).toEqual(['1', '2']);

      await store.release(QUEUE, [mine!]);

      expect(bodies(await claim())).toEqual(['mine']);
    });

    it('that is removed comes no more, though a claim is under way', async () => {
      const [mine] = await commit({ puts: [put('mine', { mine: true })] });

      const claiming = claim();
      await commit({ removes: [mine!] });

      expect(await claiming).toEqual([]);
      await restart();
      expect(await claim()).toEqual([]);
    });

    it('that is released while a claim is under way comes with that one or the next', async () => {
      const [mine] = await commit({ puts: [put('mine', { mine: true })] });

      const claiming = claim();
      await store.release(QUEUE, [mine!]);

      expect([...bodies(await claiming), ...bodies(await claim())]).toEqual(['mine']);
    });

    it('remembers how often it was delivered: a count only rises', async () => {
      const [position] = await puts('1');
      await claim();
      await commit({ counts: [{ position: position!, deliveries: 3 }] });
      await commit({ counts: [{ position: position!, deliveries: 2 }], frees: [position!] });

      expect((await claim()).map(({ deliveries }) => deliveries)).toEqual([3]);
    });

    it('that nobody holds is neither removed nor counted', async () => {
      const [first, second] = await puts('1', '2');

      await commit({ removes: [first!], counts: [{ position: second!, deliveries: 1 }] });

      expect((await claim()).map(({ deliveries }) => deliveries)).toEqual([0, 0]);
    });

    it('is put, settled, counted and freed together', async () => {
      await puts('1', '2', '3');
      const [first, second, third] = (await claim()).map(({ position }) => position);

      await commit({
        puts: [put('4')],
        removes: [first!],
        counts: [{ position: second!, deliveries: 1 }],
        frees: [second!, third!],
      });

      expect(
        (await claim()).map(({ body, deliveries }) => [Buffer.from(body).toString(), deliveries]),
      ).toEqual([
        ['2', 1],
        ['3', 0],
        ['4', 0],
      ]);
    });

    it('takes the place of one that is held, once, however often that is tried', async () => {
      const [held, free] = await puts('held', 'free');
      await claim();
      await store.release(QUEUE, [free!]);
      const bury = (position: number, body: string): Promise<readonly (number | undefined)[]> =>
        commit({
          puts: [
            { ...put(body, { queue: '/queue/dlq/a' }), insteadOf: position },
            put('beside', { queue: '/queue/b' }),
          ],
          removes: [position],
        });

      const answers = [
        await bury(held!, 'letter'),
        await bury(held!, 'again'),
        await bury(free!, 'not mine'),
      ];

      expect(answers.map(([letter]) => typeof letter)).toEqual(['number', 'undefined', 'undefined']);
      expect(bodies(await claim('/queue/dlq/a'))).toEqual(['letter']);
      expect(bodies(await claim())).toEqual(['free']);
      const besides = (await claim('/queue/b')).map(({ position }) => position);
      expect(besides).toEqual(answers.map(([, beside]) => beside));
    });

    it('counts toward the length of its queue, in another process too', async () => {
      await commit({ puts: [put('1'), put('2', { mine: true }), put('3', { queue: '/queue/b' })] });
      await restart();

      expect([...(await store.lengths())].toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
        [QUEUE, 2],
        ['/queue/b', 1],
      ]);
    });

    it('is free when the process ends that held it', async () => {
      await commit({ puts: [put('1'), put('2', { mine: true })] });
      await claim();

      await restart();

      expect(
        (await claim()).map(({ body, deliveries }) => [Buffer.from(body).toString(), deliveries]),
      ).toEqual([
        ['1', 0],
        ['2', 0],
      ]);
    });

    it('has a position that none had before, though that one is gone', async () => {
      const [before] = await commit({ puts: [put('1', { mine: true })] });
      await commit({ removes: [before!] });
      await restart();

      const [after] = await puts('2');

      expect(after).toBeGreaterThan(before!);
    });

    it('is one of many that are put at once, and answered in order', async () => {
      const answered: number[] = [];
      const all = Array.from({ length: 2_500 }, (_, i) => `${i}`);

      const positions = await Promise.all(
        all.map(async (body, i) => {
          const [position] = await puts(body);
          answered.push(i);
          return position;
        }),
      );

      expect(answered).toEqual(all.map(Number));
      const claimed = await claim();
      expect(bodies(claimed)).toEqual(all);
      expect(claimed.map(({ position }) => position)).toEqual(positions);
    });
  });
});

const memoryTable = {
  name: 'memory',
  isHere: true,
  async open() {
    return { table: new MemoryQueueTable() as QueueTable, remove: async () => {} };
  },
};

function sqlTable(kind: DatabaseKind): typeof memoryTable {
  return {
    name: kind.name,
    isHere: kind.isHere,
    async open() {
      const database = await kind.create();
      const store = await openStore(database.url);
      const remove = async (): Promise<void> => {
        await store.close();
        await database.drop();
      };
      return { table: new SqlQueueTable(store), remove };
    },
  };
}

describe.each([memoryTable, sqlTable(sqlite), sqlTable(postgres)])('a queue table', (kind) => {
  it.skipIf(!kind.isHere)(
    `in ${kind.name} refuses a batch as a whole, and those beside it not at all`,
    async () => {
      const { table, remove } = await kind.open();
      const write = (...positions: number[]): Promise<readonly boolean[]> =>
        table.write({
          positions,
          puts: positions.map(() => ({
            queue: QUEUE,
            headers: new Map(),
            body: Buffer.of(),
            deliveries: 0,
          })),
          removes: [],
          counts: [],
        });
      await write(1);

      const beside = write(2);
      const refused = write(3, 1);

      await beside;
      await expect(refused).rejects.toThrow(/taken|unique|duplicate/i);
      expect((await table.read(QUEUE, 0, 10, 1_000)).map(({ position }) => position)).toEqual([1, 2]);
      expect(await table.contents()).toEqual({ lengths: new Map([[QUEUE, 2]]), lastPosition: 2 });
      await remove();
    },
  );
});
