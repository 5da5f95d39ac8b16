import { mkdtemp, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { DataSource } from 'typeorm';
import { sqliteOptions, sqlitePathOf } from './data-source.js';
import type { Database, Doubt, StoreOptions, Tell } from './database.js';
import { translatedStatement, unavailable } from './failure.js';
import { GuardedDataSource } from './guarded-data-source.js';
import { KeptStatements } from './kept-statements.js';
import { migrate } from './migrate.js';
import { ReadTurns } from './read-turns.js';
import { SqliteLane } from './sqlite-lane.js';

/**
 * Opens a SQLite file on two connections: one that writes, one that can only read. On a single one, readers
 * would see what isn't committed yet, and two transactions would become one.
 */
export async function openSqlite(options: StoreOptions, tell: Tell, doubt: Doubt): Promise<Database> {
  const { limits } = options;
  const file = await locate(options.databaseUrl);
  const common = {
    ...sqliteOptions(file.path, options),
    busyTimeout: limits.databaseWaitMs,
    // TypeORM asks for the verbose driver, which keeps a stack trace for every statement.
    driver: { verbose: () => ({ ...sqlite3, Database: KeptStatements }) },
  };
  await migrate({ ...common, busyTimeout: limits.migrationWaitMs });

  const writer = await new DataSource(common).initialize();
  // An answer means that the row outlives a power cut. In WAL mode anything less doesn't sync at COMMIT.
  await writer.query('PRAGMA synchronous = FULL');
  const turns = new ReadTurns({ places: limits.databaseReads, placesPerOwner: limits.databaseReadsPerOwner });
  const reader = new GuardedDataSource(
    { ...common, flags: sqlite3.OPEN_READONLY },
    translatedStatement,
    (owner, ask) => turns.ask(owner, ask),
  );
  await reader.initialize();

  // Its first page is read by way of the log, which is there from now on.
  await writer.query('PRAGMA user_version');

  return {
    lane: new SqliteLane(writer, limits, tell, doubt),
    read: reader.manager,
    readFor: (owner) => reader.managerFor(owner),
    // Writes the first page, with what it has there already.
    probe: 'PRAGMA user_version = 0',
    look: await lookAt(file.path),
    async close() {
      await reader.destroy();
      await writer.destroy();
      await file.remove();
    },
  };
}

async function locate(databaseUrl: string): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = sqlitePathOf(databaseUrl);
  if (path !== undefined) return { path, remove: () => Promise.resolve() };
  // Two connections to `:memory:` would be two databases.
  const folder = await mkdtemp(join(tmpdir(), 'carillon-'));
  return { path: join(folder, 'carillon.sqlite'), remove: () => rm(folder, { recursive: true }) };
}

/**
 * Whether the file, and the log of what isn't in it yet, are still those that were opened: what was deleted or replaced is
 * written to as if nothing were wrong.
 */
async function lookAt(path: string): Promise<() => Promise<void>> {
  // SQLite keeps its log beside the file itself, not beside a link to it.
  const files = [path, `${await realpath(path)}-wal`];
  const opened = await Promise.all(files.map(identityOf));
  return async () => {
    for (const [i, file] of files.entries()) {
      const found = await identityOf(file).catch((error: unknown) => {
        throw unavailable(error);
      });
      if (found !== opened[i])
        throw unavailable(new Error(`${file} was replaced while it was open; start this node again`));
    }
  };
}

async function identityOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true });
  return `${dev} ${ino}`;
}
