import type { OnApplicationShutdown } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Refusal } from '../errors.js';
import type { Limits } from '../limits.js';
import { isSqlite, sqlitePathOf } from './data-source.js';
import type { DatabaseClaim } from './claim.js';
import type { Database, Doubt, StoreOptions, Tell } from './database.js';
import type { Transaction } from './transaction.js';
import { Unit } from './unit.js';

/** The one way to the database: `write` for what changes, `read` for what is committed. */
export class Store implements OnApplicationShutdown {
  readonly #database: Database;
  readonly #limits: Limits;
  #waiting = 0;
  /** Of those whose names are told. */
  readonly #waitingByOwner = new Map<string, number>();
  #closed: Promise<void> | undefined;

  private constructor(
    database: Database,
    limits: Limits,
    private readonly claim: DatabaseClaim | undefined,
    private readonly doubters: Set<() => void>,
  ) {
    this.#database = database;
    this.#limits = limits;
  }

  /** Brings the schema up to date and connects. @throws {DatabaseTaken} */
  static async open(options: StoreOptions): Promise<Store> {
    const tell: Tell = (append, row, outcome) => {
      try {
        append.afterCommit?.(row, outcome);
      } catch (error) {
        options.logError('A callback failed after the commit, which stands', error);
      }
    };
    const doubters = new Set<() => void>();
    const doubt = (): void => doubters.forEach((listener) => listener());
    const claimed = await take(options);
    try {
      return new Store(await open(options, tell, doubt), options.limits, claimed, doubters);
    } catch (error) {
      await claimed?.release();
      throw error;
    }
  }

  get limits(): Limits {
    return this.#limits;
  }

  /** Committed rows only, and no writes: on SQLite a connection of its own. */
  get read(): EntityManager {
    return this.#database.read;
  }

  /**
   * The same for what somebody causes: their questions are few at once, and take turns with those of others.
   * @param owner as in `write`
   */
  readFor(owner: string): EntityManager {
    return this.#database.readFor(owner);
  }

  /** Calls back whenever a COMMIT went out whose answer was lost: what it wrote may be there, or may come to be. */
  onDoubt(listener: () => void): void {
    this.doubters.add(listener);
  }

  /**
   * Runs one unit of work and resolves with its value after COMMIT, when every `afterCommit` was called.
   * It touches only `tx`, may be run more than once, waits for no other unit, and has `limits.writeUnitMs`.
   * Order statements so that those which may be refused come first: on SQLite, units share a transaction, and
   * one that throws before it has written anything costs the others nothing.
   * On PostgreSQL a unit that only appends shares a commit, and one that does nothing has none.
   * @param owner for whom it is: where units wait for each other, their owners take turns
   * @throws what the work throws, or {Refusal} unavailable: too many wait, it took too long, the database can't
   */
  async write<T>(work: (tx: Transaction) => Promise<T>, owner = NOBODY): Promise<T> {
    const bound = Unit.work(work);
    if (this.#closed) throw new Refusal('unavailable', 'The server is stopping.');
    const { writeWaiting, writeWaitingPerOwner } = this.#limits;
    const own = this.#waitingByOwner.get(owner) ?? 0;
    if (this.#waiting >= writeWaiting || (owner !== NOBODY && own >= writeWaitingPerOwner))
      throw new Refusal('unavailable', 'Too many changes wait. Try again.', { retryAfterMs: 1_000 });

    this.#wait(owner, 1);
    try {
      return await this.#database.lane.write(bound, owner);
    } finally {
      this.#wait(owner, -1);
    }
  }

  #wait(owner: string, change: 1 | -1): void {
    this.#waiting += change;
    const own = (this.#waitingByOwner.get(owner) ?? 0) + change;
    if (own > 0) this.#waitingByOwner.set(owner, own);
    else this.#waitingByOwner.delete(owner);
  }

  /** Whether reading and writing work. @throws {Refusal} unavailable */
  async check(): Promise<void> {
    await this.#database.look?.();
    await this.read.query('select 1');
    await this.write((tx) => tx.manager.query(this.#database.probe));
  }

  /** Lets finish what was begun, then disconnects. Idempotent. */
  async close(): Promise<void> {
    this.#closed ??= this.#close();
    await this.#closed;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await this.#database.lane.idle();
    await this.#database.close();
    await this.claim?.release();
  }
}

/** Work of the node itself, and of those whose names aren't told. */
const NOBODY = '';

// Only what is used is loaded: an application has `pg` or `sqlite3`, and needn't have both.

async function open(options: StoreOptions, tell: Tell, doubt: Doubt): Promise<Database> {
  if (isSqlite(options.databaseUrl)) {
    const { openSqlite } = await import('./sqlite.js');
    return openSqlite(options, tell, doubt);
  }
  const { openPostgres } = await import('./postgres.js');
  return openPostgres(options, tell, doubt);
}

async function take({ databaseUrl, limits, claim }: StoreOptions): Promise<DatabaseClaim | undefined> {
  if (!claim) return undefined;
  if (isSqlite(databaseUrl)) {
    if (claim.as === 'shared') throw new Error('A SQLite file is no database for several nodes');
    const path = sqlitePathOf(databaseUrl);
    const { claimFile } = await import('./sqlite-claim.js');
    return path === undefined ? undefined : claimFile(path, limits);
  }
  const { claimPostgres } = await import('./postgres-claim.js');
  return claimPostgres(databaseUrl, limits, claim);
}
