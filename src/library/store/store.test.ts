import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runs } from '../../../test/property-runs.js';
import { postgres, sqlite, type FreshDatabase } from '../../../test/databases.js';
import { add, clear, ledger, namesIn, schema, Thing } from '../../../test/things.js';
import { limits } from '../limits.js';
import { rowsOf } from './rows.js';
import { Store } from './store.js';
import type { Transaction } from './transaction.js';

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`a store on ${kind.name}`, () => {
    let database: FreshDatabase;
    let store: Store;
    let logged: unknown[];

    beforeAll(async () => {
      database = await kind.create();
    });

    beforeEach(async () => {
      logged = [];
      store = await open({});
    });

    afterEach(async () => {
      await store.write((tx) => clear(tx));
      await store.close();
    });

    afterAll(async () => {
      await database.drop();
    });

    function open(some: Partial<typeof limits>): Promise<Store> {
      return Store.open({
        ...schema,
        databaseUrl: database.url,
        limits: { ...limits, ...some },
        logError: (_, error) => logged.push(error),
      });
    }

    async function reopen(some: Partial<typeof limits>): Promise<void> {
      await store.close();
      store = await open(some);
    }

    const names = () => namesIn(store);

    it('answers with the value of the work, after its commit', async () => {
      const value = await store.write(async (tx) => {
        await add(tx, 'a');
        return 42;
      });

      expect(value).toBe(42);
      expect(await names()).toEqual(['a']);
    });

    it('shows readers nothing before the commit', async () => {
      const seen = await store.write(async (tx) => {
        await add(tx, 'a');
        return names();
      });

      expect(seen).toEqual([]);
      expect(await names()).toEqual(['a']);
    });

    it('refuses to write through `read`', async () => {
      await expect(store.read.query("insert into thing (name) values ('a')")).rejects.toMatchObject({
        code: 'unavailable',
      });
    });

    it('takes back all of a unit that throws, and nothing of those that wait beside it', async () => {
      const [a, b, c] = await Promise.allSettled([
        store.write((tx) => add(tx, 'a')),
        store.write(async (tx) => {
          await add(tx, 'b');
          throw new Error('changed my mind');
        }),
        store.write((tx) => add(tx, 'c')),
      ]);

      expect([a.status, b.status, c.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(b).toMatchObject({ reason: { message: 'changed my mind' } });
      expect(await names()).toEqual(['a', 'c']);
    });

    it('keeps exactly the units that were told so, when many write and many fail', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 200 }, (_, i) =>
          store.write(async (tx) => {
            if (i % 7 === 0) throw new Error('before writing');
            await add(tx, `name ${i}`);
            if (i % 3 === 0) throw new Error('after writing');
            if (i % 11 === 0) await add(tx, `name ${i}`);
          }),
        ),
      );

      const expected = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [`name ${i}`] : []));
      expect(expected).toHaveLength(200 - failing(200));
      expect(await names()).toEqual(expected.toSorted());
    });

    it(
      'answers the truth to any mix of units, and tells of all rows in order',
      { timeout: 60_000 },
      async () => {
        const unit = fc.record({
          name: fc.integer({ min: 0, max: 5 }).map((number) => `name ${number}`),
          throws: fc.constantFrom('before writing', 'after writing', undefined),
          appends: fc.constantFrom('a draft', 'refuse me', undefined),
        });
        await fc.assert(
          fc.asyncProperty(fc.array(unit, { maxLength: 12 }), async (units) => {
            await store.write((tx) => clear(tx));
            const told: number[] = [];
            const outcomes = await Promise.allSettled(
              units.map(({ name, throws, appends }) =>
                store.write(async (tx) => {
                  if (appends) tx.append(ledger, appends, ({ number }) => told.push(number));
                  if (throws === 'before writing') throw new Error(throws);
                  await add(tx, name);
                  if (throws === 'after writing') throw new Error(throws);
                }),
              ),
            );

            const stored = units.filter((_, i) => outcomes[i]?.status === 'fulfilled');
            const sound = units.filter(({ throws, appends }) => !throws && appends !== 'refuse me');
            // Of the sound units, one gets each name.
            expect(stored.map(({ name }) => name).toSorted()).toEqual(
              [...new Set(sound.map(({ name }) => name))].toSorted(),
            );
            expect(await names()).toEqual(stored.map(({ name }) => name).toSorted());
            const numbers = stored.filter(({ appends }) => appends).map((_, i) => i + 1);
            expect(told).toEqual(numbers);
            expect(await store.read.query('select number from ledger order by number')).toEqual(
              numbers.map((number) => ({ number })),
            );
          }),
          runs(kind === sqlite ? 100 : 20),
        );
      },
    );

    it('gives a unit up that takes too long, and goes on with the others', async () => {
      await reopen({ writeUnitMs: 1_000 });
      let late: Transaction | undefined;
      const endless = store.write(async (tx) => {
        late = tx;
        await add(tx, 'a');
        await sleep(10_000, undefined, { ref: false });
      });
      const other = store.write((tx) => add(tx, 'b'));

      await expect(endless).rejects.toMatchObject({ code: 'unavailable' });
      await other;
      expect(await names()).toEqual(['b']);
      await expect(late?.manager.query('select 1')).rejects.toThrow('over');
      expect(() => late?.append(ledger, 'x')).toThrow('over');
    });

    it('throws where a unit begins another', async () => {
      const nested = store.write(async (tx) => {
        await add(tx, 'a');
        await store.write((inner) => add(inner, 'b'));
      });

      await expect(nested).rejects.toThrow('may not begin another');
      expect(await names()).toEqual([]);
    });

    it('lets what a unit has started write when the unit is over', async () => {
      let later: Promise<void> | undefined;
      await store.write(async (tx) => {
        await add(tx, 'a');
        later = sleep(20).then(() => store.write((other) => add(other, 'b')));
      });
      await later;

      expect(await names()).toEqual(['a', 'b']);
    });

    it("runs work in its caller's async context", async () => {
      const request = new AsyncLocalStorage<string>();

      const seen = await Promise.all(
        ['one', 'two'].map((name) => request.run(name, () => store.write(async () => request.getStore()))),
      );

      expect(seen).toEqual(['one', 'two']);
    });

    it('fails a unit that goes on past a failed statement', async () => {
      const stubborn = store.write(async (tx) => {
        await add(tx, 'a');
        await add(tx, 'a').catch(() => undefined);
      });

      await expect(stubborn).rejects.toThrow(/unique|duplicate/i);
      expect(await names()).toEqual([]);
    });

    it('lets TypeORM save and remove inside the transaction, and refuses to begin one', async () => {
      await store.write(async (tx) => {
        await tx.manager.save(Thing, { name: 'a' });
        await tx.manager.save(Thing, { name: 'b' });
        await tx.manager.remove(Thing, { name: 'a' });
      });
      const second = store.write((tx) => tx.manager.transaction(() => Promise.resolve()));
      const undone = store.write(async (tx) => {
        await tx.manager.save(Thing, { name: 'c' });
        throw new Error('no');
      });

      await expect(second).rejects.toThrow('neither begun nor ended');
      await expect(undone).rejects.toThrow('no');
      expect(await names()).toEqual(['b']);
    });

    it('calls back after the commit, in the order of numbers, before it answers', async () => {
      const calls: string[] = [];
      const reads: Promise<unknown[]>[] = [];
      await Promise.all(
        Array.from({ length: 50 }, async (_, i) => {
          await store.write(async (tx) =>
            tx.append(ledger, `draft ${i}`, ({ number }) => {
              calls.push(`row ${number}`);
              reads.push(store.read.query(`select 1 from ledger where number = ${number}`));
            }),
          );
          calls.push('answer');
        }),
      );

      const rows = calls.filter((call) => call !== 'answer');
      expect(rows).toEqual(Array.from({ length: 50 }, (_, i) => `row ${i + 1}`));
      expect(calls.indexOf('answer')).toBeGreaterThan(calls.indexOf('row 1'));
      for (const read of reads) expect(await read).toHaveLength(1);
    });

    it('logs a callback that throws, calls the others, and answers', async () => {
      const called: number[] = [];

      await store.write(async (tx) => {
        tx.append(ledger, 'a', () => {
          throw new Error('nobody home');
        });
        tx.append(ledger, 'b', ({ number }) => called.push(number));
      });

      expect(called).toEqual([2]);
      expect(logged).toEqual([new Error('nobody home')]);
    });

    it('takes back a unit whose draft is refused, and stores those beside it', async () => {
      const outcomes = await Promise.allSettled(
        ['a', 'refuse me', 'c'].map((name) =>
          store.write(async (tx) => {
            await add(tx, name);
            tx.append(ledger, name);
          }),
        ),
      );

      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(outcomes[1]).toMatchObject({ reason: { message: 'refused' } });
      // PostgreSQL's are beside each other: either may be first.
      expect((await names()).toSorted()).toEqual(['a', 'c']);
      expect(await store.read.query('select draft from ledger order by draft')).toEqual([
        { draft: 'a' },
        { draft: 'c' },
      ]);
    });

    it('refuses what waits beyond its limit', async () => {
      await reopen({ writeWaiting: 2 });

      const outcomes = await Promise.allSettled(
        ['a', 'b', 'c'].map((name) => store.write((tx) => add(tx, name))),
      );

      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
      expect(outcomes[2]).toMatchObject({ reason: { code: 'unavailable' } });
      await store.write((tx) => add(tx, 'd'));
      expect(await names()).toEqual(['a', 'b', 'd']);
    });

    it('refuses what waits of one owner beyond their limit, and nobody else', async () => {
      await reopen({ writeWaitingPerOwner: 2 });
      const owners = ['user 1', 'user 1', 'user 1', 'user 2', undefined, undefined, undefined];

      const outcomes = await Promise.allSettled(
        owners.map((owner, i) => store.write((tx) => add(tx, `name ${i}`), owner)),
      );

      expect(outcomes.flatMap(({ status }, i) => (status === 'rejected' ? i : []))).toEqual([2]);
      expect(outcomes[2]).toMatchObject({ reason: { code: 'unavailable' } });
      await store.write((tx) => add(tx, 'again'), 'user 1');
    });

    it('answers what an owner asks beside what others ask', async () => {
      const questions = ['user 1', 'user 1', 'user 1', 'user 2'].map((owner) =>
        rowsOf(store.readFor(owner), 'select 1 as one'),
      );

      expect(await Promise.all(questions)).toEqual(Array.from({ length: 4 }, () => [{ one: 1 }]));
    });

    it('finishes what was begun when it is closed, and takes nothing more', async () => {
      const writes = Promise.all(['a', 'b'].map((name) => store.write((tx) => add(tx, name))));
      const closed = store.close();

      await writes;
      await closed;
      await expect(store.write((tx) => add(tx, 'c'))).rejects.toMatchObject({ code: 'unavailable' });
      store = await open({});
      expect(await names()).toEqual(['a', 'b']);
    });

    it('says that it works', async () => {
      await expect(store.check()).resolves.toBeUndefined();
    });
  });
}

function failing(count: number): number {
  return Array.from({ length: count }, (_, i) => i).filter((i) => i % 7 === 0 || i % 3 === 0 || i % 11 === 0)
    .length;
}
