import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgres, type FreshDatabase } from '../../../test/databases.js';
import { tcpProxy, type TcpProxy } from '../../../test/tcp-proxy.js';
import { add, ledger, namesIn, schema } from '../../../test/things.js';
import { limits } from '../limits.js';
import { rowsOf } from './rows.js';
import { Store } from './store.js';
import type { Transaction } from './transaction.js';

describe.skipIf(!postgres.isHere)(`a store on ${postgres.name}`, () => {
  let database: FreshDatabase;
  let proxy: TcpProxy;
  let store: Store;

  beforeEach(async () => {
    database = await postgres.create();
    const url = new URL(database.url);
    proxy = await tcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
    url.host = `127.0.0.1:${proxy.port}`;
    store = await Store.open({
      ...schema,
      databaseUrl: url.href,
      limits: { ...limits, databaseWaitMs: 1_000 },
      logError: () => undefined,
    });
  });

  afterEach(async () => {
    await store.close();
    await proxy.stop();
    await database.drop();
  });

  it('runs a unit again that lost a deadlock', async () => {
    await store.write((tx) => add(tx, 'a'));
    await store.write((tx) => add(tx, 'b'));
    const bothHoldOne = barrier(2);
    let runs = 0;
    const inOrder = (...names: string[]) =>
      store.write(async (tx) => {
        runs++;
        for (const name of names) {
          await touch(tx, name);
          await bothHoldOne();
        }
      });

    await Promise.all([inOrder('a', 'b'), inOrder('b', 'a')]);

    expect(runs).toBe(3);
  });

  it('runs a unit again that lost against a concurrent one in a stricter isolation', async () => {
    await store.write((tx) => add(tx, 'a'));
    const bothHaveRead = barrier(2);
    let runs = 0;
    const count = () =>
      store.write(async (tx) => {
        runs++;
        await tx.manager.query('set transaction isolation level repeatable read');
        await rowsOf(tx.manager, 'select 1 from thing');
        await bothHaveRead();
        await touch(tx, 'a');
      });

    await Promise.all([count(), count()]);

    expect(runs).toBe(3);
  });

  it('says so when the answer to COMMIT was lost, and never runs the unit again', async () => {
    let runs = 0;
    proxy.loseAnswerTo('COMMIT');
    const write = store.write(async (tx) => {
      runs++;
      await add(tx, 'a');
    });

    await expect(write).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('Look before'),
    });
    expect(runs).toBe(1);
    expect(await namesIn(store)).toEqual(['a']);
  });

  it('says so to all who shared a commit whose answer was lost, and tells who comes after it', async () => {
    const told: string[] = [];
    const append = (draft: string) =>
      store.write(async (tx) => tx.append(ledger, draft, (row) => told.push(row.draft)));
    proxy.loseAnswerTo('COMMIT');
    const outcomes = await Promise.allSettled(['a', 'b'].map(append));
    await append('c');

    const unknown = { reason: { code: 'unavailable', message: expect.stringContaining('Look before') } };
    expect(outcomes).toMatchObject([unknown, unknown]);
    expect(told).toEqual(['c']);
    expect(await store.read.query('select draft from ledger order by number')).toEqual(
      ['a', 'b', 'c'].map((draft) => ({ draft })),
    );
  });

  it('begins no transaction for a unit that does nothing, and takes no connection for its thinking', async () => {
    await proxy.stop();

    expect(await store.write(async () => 42)).toBe(42);
    await expect(
      store.write(async (tx) => {
        tx.append(ledger, 'a');
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
  });

  it('says unavailable while the server is away, and serves again when it is back', async () => {
    await store.write((tx) => add(tx, 'a'));
    await proxy.stop();

    await expect(store.write((tx) => add(tx, 'b'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.read.query('select 1')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.check()).rejects.toMatchObject({ code: 'unavailable' });

    await proxy.resume();
    await store.check();
    await store.write((tx) => add(tx, 'c'));
    expect(await namesIn(store)).toEqual(['a', 'c']);
  });

  it('says unavailable to a unit whose connection breaks under it, and stores nothing of it', async () => {
    const write = store.write(async (tx) => {
      await add(tx, 'a');
      await proxy.stop();
      await add(tx, 'b');
    });

    await expect(write).rejects.toMatchObject({ code: 'unavailable' });
    await proxy.resume();
    expect(await namesIn(store)).toEqual([]);
  });

  it('says unavailable while the database is read-only', async () => {
    await store.write((tx) => add(tx, 'a'));
    const readOnly = store.write(async (tx) => {
      await tx.manager.query('set transaction read only');
      await add(tx, 'b');
    });

    await expect(readOnly).rejects.toMatchObject({ code: 'unavailable' });
  });
});

async function touch(tx: Transaction, name: string): Promise<void> {
  await rowsOf(tx.manager, 'update thing set name = name where name = $1', [name]);
}

/** Holds the first `count` callers until all are there; later ones pass. */
function barrier(count: number): () => Promise<void> {
  let open: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return async () => {
    if (--count <= 0) open();
    await opened;
  };
}
