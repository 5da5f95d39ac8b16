import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Queues1763700000002 } from '../../../migrations/1763700000002-queues.js';
import { postgres, sqlite, type DatabaseKind } from '../../../test/databases.js';
import { MemoryQueueStore } from '../broker/memory-queue-store.js';
import type { QueueStore, StoredMessage } from '../broker/queue-store.js';
import { limits } from '../limits.js';
import { SqlQueueStore } from './sql-queue-store.js';
import { Store } from './store.js';

interface Place {
  readonly store: QueueStore;
  /** The same messages, as another process finds them. */
  reopen(): Promise<QueueStore>;
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
    const store = new MemoryQueueStore();
    return { store, reopen: async () => store, remove: async () => {} };
  },
};

function sql(kind: DatabaseKind): Kind {
  return {
    name: kind.name,
    isHere: kind.isHere,
    async create() {
      const database = await kind.create();
      const open = (): Promise<Store> =>
        Store.open({
          entities: [],
          migrations: [Queues1763700000002],
          databaseUrl: database.url,
          limits,
          logError: (message) => expect.fail(message),
        });
      let store = await open();
      return {
        store: new SqlQueueStore(store),
        async reopen() {
          await store.close();
          store = await open();
          return new SqlQueueStore(store);
        },
        async remove() {
          await store.close();
          await database.drop();
        },
      };
    },
  };
}

/** The contract of `QueueStore`, for all who implement it. */
describe.each([memory, sql(sqlite), sql(postgres)])('a queue store', (kind) => {
  describe.skipIf(!kind.isHere)(`in ${kind.name}: queues`, () => {
    let place: Place;
    beforeEach(async () => {
      place = await kind.create();
    });
    afterEach(() => place.remove());

    const put = (position: number, queue = '/queue/a', body = `${position}`): StoredMessage => ({
      position,
      queue,
      headers: new Map([
        ['content-type', 'text/plain'],
        ['odd', 'ü "\n\\'],
      ]),
      body: Buffer.from(body),
      deliveries: 0,
    });
    const puts = (...messages: StoredMessage[]) => ({ puts: messages, removes: [], counts: [] });
    const positions = (messages: readonly StoredMessage[]) => messages.map(({ position }) => position);

    it('give back what was put, to the byte, in another process too', async () => {
      const message = { ...put(7), body: Buffer.from([0, 255, 10, 0]) };
      await place.store.commit(puts(message));

      const [found] = await (await place.reopen()).read('/queue/a', 0, 10, 1_000);

      expect({ ...found, body: Buffer.from(found?.body ?? []) }).toEqual(message);
    });

    it('are read in order, one queue at a time, behind a position', async () => {
      await place.store.commit(puts(put(1), put(2, '/queue/b'), put(3)));
      await place.store.commit(puts(put(4)));

      expect(positions(await place.store.read('/queue/a', 1, 10, 1_000))).toEqual([3, 4]);
    });

    it('are read by pages, of so many messages and so many bytes, and never less than one', async () => {
      await place.store.commit(
        puts(...[1, 2, 3, 4].map((position) => put(position, '/queue/a', 'x'.repeat(1_000)))),
      );

      expect(positions(await place.store.read('/queue/a', 0, 3, 10_000))).toEqual([1, 2, 3]);
      expect(positions(await place.store.read('/queue/a', 0, 10, 2_900))).toEqual([1, 2]);
      expect(positions(await place.store.read('/queue/a', 2, 10, 1))).toEqual([3]);
    });

    it('weigh headers as they weigh bodies, where pages are cut', async () => {
      const headers = new Map([['note', 'x'.repeat(1_000)]]);
      await place.store.commit(puts(...[1, 2, 3].map((position) => ({ ...put(position), headers }))));

      expect(positions(await place.store.read('/queue/a', 0, 10, 5_000))).toEqual([1, 2]);
    });

    it('take the higher of two counts, whichever comes first', async () => {
      await place.store.commit(puts(put(1)));
      await place.store.commit({ puts: [], removes: [], counts: [{ position: 1, deliveries: 3 }] });
      await place.store.commit({ puts: [], removes: [], counts: [{ position: 1, deliveries: 2 }] });

      const [left] = await place.store.read('/queue/a', 0, 10, 1_000);
      expect(left?.deliveries).toBe(3);
    });

    it('forget what is removed, and remember how often the others were delivered', async () => {
      await place.store.commit(puts(put(1), put(2), put(3)));
      await place.store.commit({ puts: [], removes: [2], counts: [{ position: 3, deliveries: 4 }] });

      const left = await place.store.read('/queue/a', 0, 10, 1_000);
      expect(left.map(({ position, deliveries }) => [position, deliveries])).toEqual([
        [1, 0],
        [3, 4],
      ]);
    });

    it('tell a new process what there is', async () => {
      await place.store.commit(puts(put(1), put(2), put(9, '/queue/b')));

      const { lengths, lastPosition } = await (await place.reopen()).open();

      expect([...lengths].toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
        ['/queue/a', 2],
        ['/queue/b', 1],
      ]);
      expect(lastPosition).toBe(9);
    });

    it('take many batches at once and answer them in order', async () => {
      const answered: number[] = [];
      const all = Array.from({ length: 2_500 }, (_, i) => i + 1);

      await Promise.all(all.map((i) => place.store.commit(puts(put(i))).then(() => answered.push(i))));

      expect(answered).toEqual(all);
      expect(positions(await place.store.read('/queue/a', 0, 5_000, 1_000_000))).toEqual(all);
    });

    it('refuse a batch as a whole, and those beside it not at all', async () => {
      await place.store.commit(puts(put(1)));

      const beside = place.store.commit(puts(put(2)));
      const refused = place.store.commit(puts(put(3), put(1)));

      await beside;
      await expect(refused).rejects.toThrow(/taken|unique|duplicate/i);
      expect(positions(await place.store.read('/queue/a', 0, 10, 1_000))).toEqual([1, 2]);
    });
  });
});
