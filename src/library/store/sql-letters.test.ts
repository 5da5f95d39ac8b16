import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RelayLetters1764310000001 } from '../../../migrations/1764310000001-relay-letters.js';
import { postgres, type FreshDatabase } from '../../../test/databases.js';
import { limits } from '../limits.js';
import { SqlLetters } from './sql-letters.js';
import { Store } from './store.js';

describe.skipIf(!postgres.isHere)(`letters in ${postgres.name}`, () => {
  let database: FreshDatabase;
  const stores: Store[] = [];
  const letters: SqlLetters[] = [];

  beforeEach(async () => {
    database = await postgres.create();
  });

  afterEach(async () => {
    for (const each of letters.splice(0)) each.stop();
    for (const store of stores.splice(0)) await store.close();
    await database.drop();
  });

  async function node(relayLetterMs = limits.relayLetterMs): Promise<SqlLetters> {
    const store = await Store.open({
      entities: [],
      migrations: [RelayLetters1764310000001],
      databaseUrl: database.url,
      limits: { ...limits, relayLetterMs },
      logError: (message, error) => expect.fail(`${message}: ${String(error)}`),
    });
    stores.push(store);
    const mine = new SqlLetters(store, (message, error) => expect.fail(`${message}: ${String(error)}`));
    letters.push(mine);
    return mine;
  }

  it.each([0, 1, 100_000])('are read on another node as they were put, %i bytes long', async (length) => {
    const [here, there] = [await node(), await node()];
    const payload = randomBytes(length);

    const id = await here.put(payload);

    expect(Buffer.from((await there.read(id)) ?? [1, 2])).toEqual(payload);
  });

  it.each(['7', '', '-1', '1; drop table relay_letter', '9'.repeat(40)])('are none at %j', async (id) => {
    expect(await (await node()).read(id)).toBeUndefined();
  });

  it('are gone after their time, of every node', async () => {
    const here = await node(100);
    const there = await node(100);
    const id = await here.put(Buffer.from('soon gone'));

    await expect.poll(() => there.read(id)).toBeUndefined();
    await expect
      .poll(() => stores[0]?.read.query<unknown[]>('select id from relay_letter'), { timeout: 5_000 })
      .toEqual([]);
  });
});
