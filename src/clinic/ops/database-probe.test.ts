import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../limits.js';
import { Store } from '../../library/store/store.js';
import { DatabaseProbe } from './database-probe.js';

let directory: string;
let store: Store;

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(true));

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'carillon-probe-'));
  store = await Store.open({
    databaseUrl: `sqlite:${join(directory, 'probe.sqlite')}`,
    entities: [],
    migrations: [],
    limits,
    logError: (message, error) => expect.unreachable(`${message}: ${error}`),
  });
});

afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true });
});

describe('the database', () => {
  it('gives a sign of life', async () => {
    expect(await new DatabaseProbe(store, limits).answers()).toBe(true);
  });

  it('gives none when it is gone', async () => {
    await store.close();

    expect(await new DatabaseProbe(store, limits).answers()).toBe(false);
  });

  it('is taken for gone when it does not answer in time', async () => {
    // Takes a second or two of its connection.
    const busy = store.read.query(
      'with recursive n(i) as (select 1 union all select i + 1 from n limit 5000000) select count(*) from n',
    );

    expect(await new DatabaseProbe(store, { ...limits, readyMs: 10 }).answers()).toBe(false);
    await busy;
  });
});
