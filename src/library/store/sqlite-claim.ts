import { mkdir, open, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import sqlite3 from 'sqlite3';
import type { Limits } from '../limits.js';
import { DatabaseTaken, type DatabaseClaim } from './claim.js';
import { isBusy } from './failure.js';

/**
 * Claims a SQLite file by a lock on an empty one beside it, `<file>.lock`, taken by SQLite itself: it knows how on every
 * system, and the kernel lets go of it with the process. On the file itself it would keep our own connections out.
 * @throws {DatabaseTaken}
 */
export async function claimFile(
  path: string,
  { claimWaitMs }: Pick<Limits, 'claimWaitMs'>,
): Promise<DatabaseClaim> {
  const lock = await openFile(`${await trueName(path)}.lock`);
  lock.configure('busyTimeout', claimWaitMs);
  try {
    await new Promise<void>((resolve, reject) => {
      lock.exec('BEGIN EXCLUSIVE', (error) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    await close(lock);
    if (!isBusy(error)) throw error;
    throw new DatabaseTaken(
      `another process has ${path} open. A SQLite file is for one process; several nodes need PostgreSQL.`,
    );
  }
  return { release: () => close(lock) };
}

/** The same for all links that lead to it. @throws {DatabaseTaken} it has several */
async function trueName(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  // A link to a file that isn't there yet has no other name than its own. To SQLite an empty file is as good as none.
  await (await open(path, 'a')).close();
  // SQLite keeps its log beside the name it was opened by: through two names two logs, and soon no database.
  if ((await stat(path)).nlink > 1)
    throw new DatabaseTaken(
      `${path} has other names (hard links), by which another process may have it open. Remove those.`,
    );
  return realpath(path);
}

function openFile(path: string): Promise<sqlite3.Database> {
  return new Promise((resolve, reject) => {
    const database = new sqlite3.Database(path, (error) => (error ? reject(error) : resolve(database)));
  });
}

function close(database: sqlite3.Database): Promise<void> {
  return new Promise((resolve, reject) => {
    database.close((error) => (error ? reject(error) : resolve()));
  });
}
