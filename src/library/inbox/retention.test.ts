import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Inbox1735689600000 } from '../../../migrations/1735689600000-inbox.js';
import { Retention1763700000004 } from '../../../migrations/1763700000004-retention.js';
import { postgres, sqlite, type FreshDatabase } from '../../../test/databases.js';
import { limits } from '../limits.js';
import { Store } from '../store/store.js';
import { FakeClock } from '../testing/fake-clock.js';
import { Inbox } from './inbox.js';
import { renewEpochs } from './renew-epochs.js';
import { Retention } from './retention.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const [ADA, BOB] = [1, 2];

describe.each([sqlite, postgres])('an inbox', (kind) => {
  describe.skipIf(!kind.isHere)(`on ${kind.name}`, () => {
    let database: FreshDatabase;
    let store: Store;
    let inbox: Inbox;
    let clock: FakeClock;

    beforeEach(async () => {
      database = await kind.create();
      store = await Store.open({
        entities: [],
        migrations: [Inbox1735689600000, Retention1763700000004],
        databaseUrl: database.url,
        limits,
        logError: (message, error) => expect.unreachable(`${message}: ${error}`),
      });
      inbox = new Inbox(store);
      clock = new FakeClock(Date.now());
      await store.write(async (tx) => {
        for (const owner of [ADA, BOB]) {
          await inbox.open(tx, owner);
          for (let i = 0; i < 5; i++) tx.append(inbox, { owner, type: 'message', message: `${i}`, data: {} });
        }
      });
    });

    afterEach(async () => {
      await store.close();
      await database.drop();
    });

    const retention = (pruneRows = 100): Retention =>
      new Retention(store, {
        days: 180,
        limits: { pruneRows, pruneEveryMs: 1_000 },
        clock,
        logError: (message, error) => expect.unreachable(`${message}: ${error}`),
      });
    const numbers = async (owner: number): Promise<number[]> =>
      (await inbox.list({ owner, filter: 'all', after: 0, limit: 100 })).map(({ seq }) => seq);

    it('keeps what is younger, and what nobody has read, however old', async () => {
      await inbox.mark(ADA, { seqs: [1, 3] }, 'read');
      await inbox.mark(ADA, { seqs: [4] }, 'archived');
      clock.pass(179 * DAY_MS);
      expect(await retention().prune()).toBe(0);

      clock.pass(2 * DAY_MS);
      expect(await retention().prune()).toBe(3);

      expect(await numbers(ADA)).toEqual([2, 5]);
      expect(await numbers(BOB)).toEqual([1, 2, 3, 4, 5]);
    });

    it('serves no position below what was pruned', async () => {
      await inbox.mark(ADA, { seqs: [1, 3] }, 'read');
      clock.pass(181 * DAY_MS);

      await retention().prune();

      expect(await inbox.head(ADA)).toMatchObject({ seq: 5, earliest: 3 });
      expect(await inbox.head(BOB)).toMatchObject({ seq: 5, earliest: 0 });
    });

    it('is pruned in steps, to the end', async () => {
      await inbox.markAll(ADA, { upTo: 5 }, 'read');
      await inbox.markAll(BOB, { upTo: 4 }, 'read');
      clock.pass(181 * DAY_MS);

      expect(await retention(2).prune()).toBe(9);

      expect(await numbers(ADA)).toEqual([]);
      expect(await numbers(BOB)).toEqual([5]);
      expect(await inbox.head(ADA)).toMatchObject({ seq: 5, earliest: 5 });
    });

    it('has an epoch of its own that it never had, once a backup was restored', async () => {
      const before = [await inbox.head(ADA), await inbox.head(BOB)];

      await renewEpochs(store);

      const after = [await inbox.head(ADA), await inbox.head(BOB)];
      expect(new Set([...before, ...after].map(({ epoch }) => epoch)).size).toBe(4);
      expect(after.map(({ seq }) => seq)).toEqual([5, 5]);
    });
  });
});
