import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgres, sqlite, type FreshDatabase } from '../../../test/databases.js';
import { limits } from '../limits.js';
import { schema } from '../../schema.js';
import { Store } from './store.js';

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`migrating on ${kind.name}`, () => {
    let database: FreshDatabase;

    beforeEach(async () => {
      database = await kind.create();
    });

    afterEach(async () => {
      await database.drop();
    });

    it.each([
      ['connections', (url: string) => [1, 2, 3].map(() => openAndClose(url))],
      ['processes', (url: string) => [1, 2].map(() => startNode(url))],
    ])('runs each once when several %s do it at the same time', { timeout: 60_000 }, async (_, start) => {
      await Promise.all(start(database.url));

      const store = await open(database.url, schema.migrations);
      const runs = await store.read.query<{ name: string }[]>('select name from migrations order by id');
      await store.close();
      expect(runs.map(({ name }) => name)).toEqual(schema.migrations.map(({ name }) => name));
    });

    it('leaves nothing of a migration that fails, and starts once it is mended', async () => {
      await expect(open(database.url, [Half1000000000000])).rejects.toThrow('nowhere');

      const store = await open(database.url, [Whole1000000000000]);
      expect(await store.read.query('select * from half')).toEqual([]);
      await store.close();
    });
  });
}

function open(databaseUrl: string, migrations: readonly (new () => MigrationInterface)[]): Promise<Store> {
  return Store.open({ entities: [], migrations, databaseUrl, limits, logError: () => undefined });
}

async function openAndClose(databaseUrl: string): Promise<void> {
  const store = await open(databaseUrl, schema.migrations);
  await store.close();
}

async function startNode(databaseUrl: string): Promise<void> {
  const program = fileURLToPath(new URL('../../../test/open-store.ts', import.meta.url));
  await promisify(execFile)(process.execPath, ['--import', 'tsx', program, databaseUrl]);
}

class Half1000000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create table half (id integer primary key)');
    await queryRunner.query('insert into nowhere values (1)');
  }

  async down(): Promise<void> {}
}

class Whole1000000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create table half (id integer primary key)');
  }

  async down(): Promise<void> {}
}
