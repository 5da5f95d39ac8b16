import { setTimeout } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Limits } from '../limits.js';
import { AppendBatches } from './append-batches.js';
import type { Append } from './appends.js';
import type { Doubt, Lane, Tell } from './database.js';
import { isContention, translated } from './failure.js';
import { AppendsRefused, PostgresTransactions, type ToldAppends } from './postgres-transaction.js';
import { Unit, type UnitWork } from './unit.js';

/**
 * Units of work on PostgreSQL. One that asks the database for anything has a transaction of its own, which begins with its
 * first statement and ends with its appends. One that only appends shares a transaction with others (`append-batches.ts`):
 * its COMMIT, and the way to the database and back, cost more than its rows. What lost against another transaction is
 * run again.
 */
export class PostgresLane implements Lane {
  readonly #transactions: PostgresTransactions;
  readonly #batches: AppendBatches;
  readonly #open = new Set<Promise<unknown>>();

  constructor(
    private readonly writer: DataSource,
    private readonly limits: Pick<Limits, 'writeAttempts' | 'writeUnitMs' | 'writeBatch' | 'writeHeldUpMs'>,
    tell: Tell,
    doubt: Doubt,
  ) {
    this.#transactions = new PostgresTransactions(writer, tell, doubt);
    this.#batches = new AppendBatches(
      // A transaction that holds one inbox holds up that inbox, not all.
      (appends) => this.#append(appends, `BEGIN; SET LOCAL lock_timeout = ${limits.writeHeldUpMs}`),
      (appends) => this.#append(appends, 'BEGIN'),
      limits,
    );
  }

  async write<T>(work: UnitWork<T>, owner: string): Promise<T> {
    const written = this.#write(work, owner);
    this.#open.add(written);
    try {
      return await written;
    } finally {
      this.#open.delete(written);
    }
  }

  /** Resolves when nothing is on its way any more. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#open);
  }

  async #write<T>(work: UnitWork<T>, owner: string): Promise<T> {
    try {
      const { value, appends } = await this.#again(() => this.#attempt(work));
      if (appends.length > 0) await this.#batches.add(appends, owner);
      return value;
    } catch (error) {
      throw translated(error);
    }
  }

  /** @returns the appends that are still to be committed */
  async #attempt<T>(work: UnitWork<T>): Promise<{ readonly value: T; readonly appends: readonly Append[] }> {
    const transaction = this.#transactions.open('BEGIN');
    try {
      const unit = new Unit(this.writer, transaction.runner);
      const value = await unit.run(work, this.limits.writeUnitMs);
      if (!transaction.hasBegun) return { value, appends: unit.appends };

      const told = await transaction.commit(unit.appends);
      await Promise.all(told.values());
      return { value, appends: [] };
    } catch (error) {
      if (error instanceof AppendsRefused) for (const [, reason] of error.refused) throw reason;
      throw error;
    } finally {
      await transaction.end();
    }
  }

  #append(appends: readonly Append[], begin: string): Promise<ToldAppends> {
    return this.#again(async () => {
      const transaction = this.#transactions.open(begin);
      try {
        return await transaction.commit(appends);
      } finally {
        await transaction.end();
      }
    });
  }

  async #again<T>(attempt: () => Promise<T>): Promise<T> {
    for (let count = 1; ; count++) {
      try {
        return await attempt();
      } catch (error) {
        if (!isContention(error) || count === this.limits.writeAttempts) throw error;
        // Not in step with the one that it met.
        await setTimeout(Math.random() * 10 * count);
      }
    }
  }
}
