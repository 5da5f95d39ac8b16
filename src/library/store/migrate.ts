import { setTimeout } from 'node:timers/promises';
import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { isBusy } from './failure.js';

/**
 * Brings a schema up to date, on a connection of its own. Several nodes may do it at once: one works, the others
 * wait, then find nothing left to do.
 */
export async function migrate(options: DataSourceOptions): Promise<void> {
  const dataSource = await new DataSource({ ...options, entities: [] }).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await (options.type === 'postgres' ? onPostgres(dataSource, runner) : onSqlite(dataSource, runner));
  } finally {
    await runner.release();
    await dataSource.destroy();
  }
}

async function onPostgres(dataSource: DataSource, runner: QueryRunner): Promise<void> {
  // Of the session, so that a node that dies lets go of it. The number is Carillon's own, "CRLN".
  await runner.query('select pg_advisory_lock($1)', [0x43524c4e]);
  try {
    await dataSource.runMigrations({ transaction: 'all' });
  } finally {
    await runner.query('select pg_advisory_unlock($1)', [0x43524c4e]);
  }
}

/** Readers don't wait for the writer, nor it for them. The file remembers it. */
async function useWal(runner: QueryRunner): Promise<void> {
  const { options } = runner.connection;
  const patienceMs = ('busyTimeout' in options && options.busyTimeout) || 0;
  for (const end = performance.now() + patienceMs; ;) {
    try {
      return void (await runner.query('PRAGMA journal_mode = WAL'));
    } catch (error) {
      // SQLite's own waiting has no say here: of two that switch at once, one is refused on the spot.
      if (!isBusy(error) || performance.now() > end) throw error;
      await setTimeout(50);
    }
  }
}

async function onSqlite(dataSource: DataSource, runner: QueryRunner): Promise<void> {
  await useWal(runner);
  // A migration may rebuild a table that others refer to; inside a transaction this pragma does nothing.
  await runner.query('PRAGMA foreign_keys = OFF');
  // TypeORM's own BEGIN takes no lock, so two nodes would both read that nothing was run yet.
  await runner.query('BEGIN IMMEDIATE');
  try {
    await dataSource.runMigrations({ transaction: 'none' });
    const orphans = await dataSource.query<unknown[]>('PRAGMA foreign_key_check');
    if (orphans.length > 0) throw new Error(`Migrations left ${orphans.length} rows that refer to nothing`);
    await runner.query('COMMIT');
  } catch (error) {
    await runner.query('ROLLBACK');
    throw error;
  }
}
