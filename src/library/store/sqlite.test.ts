import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sqlite3 from 'sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sqlite, type FreshDatabase } from '../../../test/databases.js';
import { add, ledger, namesIn, schema } from '../../../test/things.js';
import type { Refusal } from '../errors.js';
import { limits } from '../limits.js';
import { rowsOf } from './rows.js';
import { Store } from './store.js';

describe('a store on a SQLite file', () => {
  let database: FreshDatabase;
  let store: Store;

  beforeEach(async () => {
    database = await sqlite.create();
    store = await open(database.url);
  });

  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  it('lets units that wait at the same time share a transaction', async () => {
    const before = await framesInLog();
    await Promise.all(Array.from({ length: 100 }, (_, i) => store.write((tx) => add(tx, `name ${i}`))));

    // A transaction of its own for each would write one page of the log at least for each.
    expect((await framesInLog()) - before).toBeLessThan(50);
    expect(await namesIn(store)).toHaveLength(100);
  });

  it('lets owners take turns, so that nobody waits for all that one of them brings', async () => {
    const order: string[] = [];
    const unit = (owner: string): Promise<void> =>
      store.write(async (tx) => {
        await add(tx, `${owner}${order.length}`);
        order.push(owner);
      }, owner);
    const units = [...Array.from({ length: 300 }, () => unit('a')), unit('b'), unit('c'), unit('b')];

    await Promise.all(units);

    expect(order.slice(0, 6).join('')).toBe('abcaba');
  });

  it('gives a transaction its time, so that who comes meanwhile doesn’t wait for all that was there', async () => {
    let done = 0;
    const slow = (): Promise<void> =>
      store.write(async (tx) => {
        await add(tx, `slow ${done}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        done++;
      }, 'a');
    await slow();

    const all = Array.from({ length: 20 }, slow);
    await all[0];
    // Four share one, however long each takes.
    expect(done).toBe(5);
    await store.write((tx) => add(tx, 'quick'), 'b');

    expect(done).toBeLessThan(10);
    await Promise.all(all);
  });

  it('lets a change pass by hundreds of questions that wait', async () => {
    await store.close();
    store = await open(database.url, { databaseReads: 4 });
    let answered = 0;
    const questions = Array.from({ length: 400 }, async () => {
      await store.read.query(
        'with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000) select max(i) from n',
      );
      answered++;
    });

    await store.write((tx) => add(tx, 'a'));

    expect(answered).toBeLessThan(100);
    await Promise.all(questions);
    expect(answered).toBe(400);
  });

  it('lets a question pass by hundreds of somebody else', async () => {
    let answered = 0;
    const questions = Array.from({ length: 400 }, async () => {
      await store
        .readFor('user 1')
        .query(
          'with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000) select max(i) from n',
        );
      answered++;
    });

    await store.readFor('user 2').query('select 1');

    expect(answered).toBeLessThan(10);
    await Promise.all(questions);
  });

  it('runs nobody again for a unit that throws before it has written', async () => {
    let runs = 0;
    await Promise.allSettled([
      store.write(async (tx) => {
        runs++;
        await add(tx, 'a');
      }),
      store.write(async (tx) => {
        await rowsOf(tx.manager, 'select 1 from thing');
        tx.append(ledger, 'never');
        throw new Error('refused');
      }),
      // A constraint refuses the unit's first statement, so there is nothing to take back either.
      store.write((tx) => add(tx, 'a')),
    ]);

    expect(runs).toBe(1);
    expect(await namesIn(store)).toEqual(['a']);
    expect(await store.read.query('select * from ledger')).toEqual([]);
  });

  it('runs the others twice at most, however many fail after writing', async () => {
    let runs = 0;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        store.write(async (tx) => {
          if (i === 0) runs++;
          await add(tx, `name ${i}`);
          if (i !== 0) throw new Error('no');
        }),
      ),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(runs).toBe(2);
    expect(await namesIn(store)).toEqual(['name 0']);
  });

  it('answers a refusal only when what it rests on is committed', async () => {
    const taken = store.write((tx) => add(tx, 'slot'));
    const refused = store.write((tx) => add(tx, 'slot'));

    await expect(refused).rejects.toThrow('UNIQUE');
    expect(await namesIn(store)).toEqual(['slot']);
    await taken;
  });

  it('takes a refusal back when what it rested on was taken back', async () => {
    const [first, second] = await Promise.allSettled([
      store.write(async (tx) => {
        await add(tx, 'slot');
        await Promise.resolve();
        tx.append(ledger, 'refuse me');
      }),
      store.write((tx) => add(tx, 'slot')),
    ]);

    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
    expect(await namesIn(store)).toEqual(['slot']);
  });

  it('says unavailable when the disk is full, and serves again when there is room', async () => {
    await add100kB('before');
    await setPages('(select page_count from pragma_page_count)');
    const full = await Promise.allSettled([
      add100kB('x'),
      add100kB('y'),
      store.write((tx) => add(tx, 'small')),
    ]);

    for (const outcome of full.slice(0, 2)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    }
    expect(full[2].status).toBe('fulfilled');

    await setPages('1000000');
    await add100kB('after');
    expect(await namesIn(store)).toEqual(['after', 'before', 'small']);
  });

  it('says unavailable when drafts find the disk full, and numbers without a hole afterwards', async () => {
    const append = () => store.write(async (tx) => tx.append(ledger, 'x'.repeat(60)));
    await append();
    await setPages('(select page_count from pragma_page_count)');
    const outcomes = await Promise.allSettled(Array.from({ length: 500 }, append));
    const stored = outcomes.filter(({ status }) => status === 'fulfilled').length;
    const codes = outcomes.map((outcome) =>
      outcome.status === 'rejected' ? (outcome.reason as Refusal).code : 'stored',
    );

    expect(new Set(codes)).toEqual(new Set(stored > 0 ? ['stored', 'unavailable'] : ['unavailable']));

    await setPages('1000000');
    await append();
    const [row] = await store.read.query<unknown[]>(
      'select count(*) as count, max(number) as last from ledger',
    );
    expect(row).toEqual({ count: stored + 2, last: stored + 2 });
  });

  it('says unavailable while another process holds the lock, and serves again after', async () => {
    await store.close();
    store = await open(database.url, { databaseWaitMs: 100 });
    const other = await connect(database.url);
    await run(other, 'begin immediate');

    await expect(store.write((tx) => add(tx, 'a'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.check()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await namesIn(store)).toEqual([]);

    await run(other, 'rollback');
    await store.write((tx) => add(tx, 'a'));
    await store.check();
    expect(await namesIn(store)).toEqual(['a']);
    await new Promise((resolve) => other.close(resolve));
  });

  it('makes the folder of its file', async () => {
    const path = join(dirname(pathOf(database.url)), 'not', 'yet', 'there.sqlite');
    const elsewhere = await open(`sqlite:${path}`);
    await elsewhere.close();

    await expect(access(path)).resolves.toBeUndefined();
  });

  it('keeps `:memory:` in a file that close removes', async () => {
    const passing = await open('sqlite::memory:');
    await passing.write((tx) => add(tx, 'a'));
    const [{ file }] = await passing.read.query<[{ file: string }]>('select file from pragma_database_list');

    expect(await namesIn(passing)).toEqual(['a']);
    await passing.close();
    await expect(access(file)).rejects.toThrow('ENOENT');
  });

  it('syncs at every commit', async () => {
    const [{ synchronous }] = await store.write((tx) =>
      tx.manager.query<[{ synchronous: number }]>('pragma synchronous'),
    );
    const [{ journal_mode }] = await store.read.query<[{ journal_mode: string }]>('pragma journal_mode');

    expect({ synchronous, journal_mode }).toEqual({ synchronous: 2, journal_mode: 'wal' });
  });

  function add100kB(name: string): Promise<void> {
    return store.write(async (tx) => {
      await add(tx, name);
      await tx.manager.query('insert into ledger (draft) values (zeroblob(100000))');
    });
  }

  /** SQLite takes a file that may not grow for a full disk. */
  async function setPages(count: string): Promise<void> {
    const [{ pages }] = await store.read.query<[{ pages: number }]>(`select ${count} as pages`);
    await store.write((tx) => tx.manager.query(`pragma max_page_count = ${pages}`));
  }

  async function framesInLog(): Promise<number> {
    const other = await connect(database.url);
    const [row] = await run(other, 'pragma wal_checkpoint(passive)');
    await new Promise((resolve) => other.close(resolve));
    return (row as { log: number }).log;
  }
});

function open(databaseUrl: string, some: Partial<typeof limits> = {}): Promise<Store> {
  return Store.open({
    ...schema,
    databaseUrl,
    limits: { ...limits, ...some },
    logError: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
}

function pathOf(url: string): string {
  return url.slice('sqlite:'.length);
}

function connect(url: string): Promise<sqlite3.Database> {
  return new Promise((resolve, reject) => {
    const connection = new sqlite3.Database(pathOf(url), (error) =>
      error ? reject(error) : resolve(connection),
    );
  });
}

function run(connection: sqlite3.Database, sql: string): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    connection.all(sql, (error, rows) => (error ? reject(error) : resolve(rows)));
  });
}
