import { link, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgres, sqlite, type FreshDatabase } from '../../../test/databases.js';
import { limitsWith } from '../limits.js';
import { schema } from '../../schema.js';
import { DatabaseTaken, type ClaimKind } from './claim.js';
import { Store } from './store.js';

let database: FreshDatabase;
let stores: Store[];
let lost: Promise<Error>;
let isLost: (error: Error) => void;

beforeEach(() => {
  stores = [];
  lost = new Promise((resolve) => (isLost = resolve));
});
afterEach(async () => {
  for (const store of stores) await store.close();
  await database.drop();
});

async function open(url = database.url, as: ClaimKind | 'nobody asks' = 'alone'): Promise<Store> {
  const store = await Store.open({
    ...schema,
    databaseUrl: url,
    limits: limitsWith({ claimWaitMs: 1, storeRetryMs: 1 }),
    logError: () => undefined,
    ...(as !== 'nobody asks' && { claim: { as, lost: (error) => isLost(error) } }),
  });
  stores.push(store);
  return store;
}

describe.each([sqlite, postgres])('a database that a process wants for itself', (kind) => {
  describe.skipIf(!kind.isHere)(`on ${kind.name}`, () => {
    beforeEach(async () => {
      database = await kind.create();
    });

    it('is not opened by a second one, until the first has closed it', async () => {
      const first = await open();
      await expect(open()).rejects.toBeInstanceOf(DatabaseTaken);
      await expect(open()).rejects.toBeInstanceOf(DatabaseTaken);

      await first.close();

      await (await open()).check();
    });

    it('is free again after an opening that failed', async () => {
      const broken = { ...schema, migrations: [...schema.migrations, Broken1999999999999] };
      const options = {
        ...broken,
        databaseUrl: database.url,
        limits: limitsWith({ claimWaitMs: 1 }),
        logError: () => undefined,
        claim: { as: 'alone', lost: () => undefined } as const,
      };
      await expect(Store.open(options)).rejects.toThrow('broken');

      await (await open()).check();
    });

    it('can be shared by those who do not want it for themselves', async () => {
      await open();

      await (await open(database.url, 'nobody asks')).check();
    });
  });
});

describe.skipIf(!postgres.isHere)(`a database on ${postgres.name} that nodes share`, () => {
  beforeEach(async () => {
    database = await postgres.create();
  });

  it('is opened by all of them', async () => {
    await open(database.url, 'shared');

    await (await open(database.url, 'shared')).check();
  });

  it('is not opened by one for itself, until the last of them has closed it', async () => {
    const nodes = [await open(database.url, 'shared'), await open(database.url, 'shared')];
    await nodes[0]?.close();
    await expect(open()).rejects.toMatchObject({ message: expect.stringContaining('RELAY_URL=none') });

    await nodes[1]?.close();

    await (await open()).check();
  });

  it('is not opened where one has it for itself', async () => {
    await open();

    await expect(open(database.url, 'shared')).rejects.toMatchObject({
      message: expect.stringContaining('RELAY_URL=none'),
    });
  });
});

describe('a SQLite file', () => {
  it('is never shared', async () => {
    await expect(open(database.url, 'shared')).rejects.toThrow('no database for several nodes');
  });

  beforeEach(async () => {
    database = await sqlite.create();
  });
  const path = () => database.url.slice('sqlite:'.length);

  it('is one file under each of its names', async () => {
    await open();
    const other = `${path()}-link`;
    await symlink(path(), other);

    await expect(open(`sqlite:${other}`)).rejects.toBeInstanceOf(DatabaseTaken);
  });

  it('is one file under a name that was a link before there was a file', async () => {
    const other = `${path()}-link`;
    await symlink(path(), other);
    await open(`sqlite:${other}`);

    await expect(open()).rejects.toBeInstanceOf(DatabaseTaken);
    await expect(open(`sqlite:${other}`)).rejects.toBeInstanceOf(DatabaseTaken);
    await expect(open(`sqlite:${relative('.', path())}`)).rejects.toBeInstanceOf(DatabaseTaken);
  });

  it('that has a second name is not opened, until it has one again', async () => {
    const other = `${path()}-other`;
    await (await open()).close();
    await link(path(), other);
    await expect(open()).rejects.toThrow('hard links');

    await rm(other);

    await (await open()).check();
  });

  it('is one opener’s of many that come at once', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => open()));

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('in memory is nobody else’s', async () => {
    await open('sqlite::memory:');

    await (await open('sqlite::memory:')).check();
  });

  it.each(['', '-wal'])('whose file%s was deleted makes its store unavailable', async (suffix) => {
    const store = await open();
    await store.check();

    await rm(`${path()}${suffix}`);

    await expect(store.check()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('that was replaced makes its store unavailable', async () => {
    const store = await open();
    await mkdir(`${path()}-new`);
    const other = join(`${path()}-new`, 'other');
    await writeFile(other, '');

    await rename(other, path());

    await expect(store.check()).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe.skipIf(!postgres.isHere)(`a claim on ${postgres.name} whose connection is cut`, () => {
  let other: Client;
  beforeEach(async () => {
    database = await postgres.create();
    other = new Client({ connectionString: database.url });
    other.on('error', () => undefined);
    await other.connect();
  });
  afterEach(() => other.end());

  it('is taken again beside others, where they share it', async () => {
    await open(database.url, 'shared');
    await open(database.url, 'shared');
    const [one, two] = await holders();

    await other.query('select pg_terminate_backend($1)', [one]);

    await expect
      .poll(async () => (await holders()).filter((pid) => pid !== one), { timeout: 10_000 })
      .toEqual([two, expect.any(Number)]);
    await expect(open()).rejects.toBeInstanceOf(DatabaseTaken);
  });

  /** Process ids, those that have held it longest first. */
  const holders = async (): Promise<number[]> => {
    const { rows } = await other.query<{ pid: number }>(
      `select pid from pg_locks join pg_stat_activity using (pid)
       where locktype = 'advisory' and granted and objid = 1
       and database = (select oid from pg_database where datname = current_database()) order by backend_start`,
    );
    return rows.map(({ pid }) => pid);
  };

  const holder = async () => (await holders())[0];

  it('is taken again', async () => {
    await open();
    const before = await holder();

    await other.query('select pg_terminate_backend($1)', [before]);

    await expect
      .poll(async () => [undefined, before].includes(await holder()), { timeout: 10_000 })
      .toBe(false);
    await expect(open()).rejects.toBeInstanceOf(DatabaseTaken);
  });

  it('is lost to another that took it meanwhile, and its owner is told', async () => {
    await open();
    const before = await holder();
    const waiting = new Client({ connectionString: database.url });
    await waiting.connect();
    const taken = waiting.query('select pg_advisory_lock($1, $2)', [0x43524c4e, 1]);

    await other.query('select pg_terminate_backend($1)', [before]);
    await taken;

    expect(await lost).toBeInstanceOf(DatabaseTaken);
    await waiting.end();
  });
});

class Broken1999999999999 {
  name = 'Broken1999999999999';
  up(): Promise<void> {
    return Promise.reject(new Error('broken'));
  }
  down(): Promise<void> {
    return Promise.resolve();
  }
}
