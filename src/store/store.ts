import type { EntityManager } from 'typeorm';
import type { Limits } from '../limits.js';
import type { Schema } from './data-source.js';
import type { Transaction } from './transaction.js';

export interface StoreOptions extends Schema {
  /** `sqlite:<path>`, `sqlite::memory:` (a temporary file) or `postgres://…`. */
  readonly databaseUrl: string;
  readonly limits: Limits;
  /** Told of faults that have no caller, such as a callback that throws after the commit. */
  readonly logError: (message: string, error: unknown) => void;
}

/** The one way to the database: `write` for what changes, `read` for what was committed. */
export class Store {
  private constructor(
    /** Committed rows only, and no writes: on SQLite a second, read-only connection. */
    readonly read: EntityManager,
  ) {}

  /** Connects, and brings the schema up to date. */
  static open(options: StoreOptions): Promise<Store> {
    throw new Error(`${options.databaseUrl}: not built yet`);
  }

  /** Runs one unit of work and resolves after its COMMIT. */
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    throw new Error(`${work.name}: not built yet`);
  }

  /** Lets what was begun finish, then disconnects. Idempotent. */
  async close(): Promise<void> {}
}
