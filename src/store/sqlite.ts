import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { DataSource } from 'typeorm';
import { sqliteOptions } from './data-source.js';
import type { Database, StoreOptions, Tell } from './database.js';
import { translatedStatement } from './failure.js';
import { GuardedDataSource } from './guarded-data-source.js';
import { migrate } from './migrate.js';
import { SqliteLane } from './sqlite-lane.js';

/**
 * Opens a SQLite file on two connections: one that writes, one that can only read. On a single one, readers
 * would see what isn't committed yet, and two transactions would become one.
 */
export async function openSqlite(options: StoreOptions, tell: Tell): Promise<Database> {
  const { limits } = options;
  const file = await locate(options.databaseUrl);
  const common = {
    ...sqliteOptions(file.path, options),
    busyTimeout: limits.databaseWaitMs,
    // TypeORM asks for the verbose driver, which keeps a stack trace for every statement.
    driver: { verbose: () => sqlite3 },
  };
  await migrate({ ...common, busyTimeout: limits.migrationWaitMs });

  const writer = await new DataSource(common).initialize();
  // An answer means that the row outlives a power cut. In WAL mode anything less doesn't sync at COMMIT.
  await writer.query('PRAGMA synchronous = FULL');
  const reader = await new GuardedDataSource(
    { ...common, flags: sqlite3.OPEN_READONLY },
    translatedStatement,
  ).initialize();

  return {
    lane: new SqliteLane(writer, limits, tell),
    read: reader.manager,
    // Writes the first page, with what it has there already.
    probe: 'PRAGMA user_version = 0',
    async close() {
      await reader.destroy();
      await writer.destroy();
      await file.remove();
    },
  };
}

async function locate(databaseUrl: string): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = databaseUrl.slice('sqlite:'.length);
  if (path !== ':memory:') return { path, remove: () => Promise.resolve() };
  // Two connections to `:memory:` would be two databases.
  const folder = await mkdtemp(join(tmpdir(), 'carillon-'));
  return { path: join(folder, 'carillon.sqlite'), remove: () => rm(folder, { recursive: true }) };
}
