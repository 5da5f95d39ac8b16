import { setTimeout } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Limits } from '../limits.js';
import { insertAppends, type Append } from './appends.js';
import type { Doubt, Lane, Tell } from './database.js';
import { isAnswer, isContention, translated, unavailable, unknownOutcome } from './failure.js';
import { Sequencer, type Place } from './sequencer.js';
import type { Appended } from './transaction.js';
import { Unit, type Work } from './unit.js';

/** Units of work on PostgreSQL: each in a transaction of its own, run again when it lost against another. */
export class PostgresLane implements Lane {
  readonly #sequencer = new Sequencer();
  readonly #open = new Set<Promise<unknown>>();

  constructor(
    private readonly writer: DataSource,
    private readonly limits: Pick<Limits, 'writeAttempts' | 'writeUnitMs'>,
    private readonly tell: Tell,
    private readonly doubt: Doubt,
  ) {}

  async write<T>(work: Work<T>): Promise<T> {
    const written = this.#write(work);
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

  async #write<T>(work: Work<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(work);
      } catch (error) {
        if (!isContention(error) || attempt === this.limits.writeAttempts) throw translated(error);
        // Not in step with the one that it met.
        await setTimeout(Math.random() * 10 * attempt);
      }
    }
  }

  async #attempt<T>(work: Work<T>): Promise<T> {
    const runner = this.writer.createQueryRunner();
    try {
      await begin(runner);
      const unit = new Unit(this.writer, runner);
      const value = await unit.run(work, this.limits.writeUnitMs);
      const appended = await insertAppends(runner.manager, unit.appends);
      for (const answer of appended.values()) if (answer.outcome === 'refused') throw answer.error;
      await this.#commit(runner, appended);
      return value;
    } catch (error) {
      await rollback(runner);
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** Resolves when everyone was told, each in the turn of its number. */
  async #commit(runner: QueryRunner, appended: ReadonlyMap<Append, Appended<unknown>>): Promise<void> {
    const places = new Map<Append, Place>();
    for (const append of appended.keys())
      places.set(append, this.#sequencer.enter(append.to.streamOf(append.draft)));

    try {
      await runner.query('COMMIT');
    } catch (error) {
      for (const place of places.values()) place.settle(() => undefined);
      if (isAnswer(error)) throw error;
      this.doubt();
      throw unknownOutcome(error);
    }

    const told = [...appended].map(
      ([append, answer]) =>
        new Promise<void>((resolve) => {
          places.get(append)?.settle(() => {
            if (answer.outcome !== 'refused') this.tell(append, answer.row, answer.outcome);
            resolve();
          });
        }),
    );
    await Promise.all(told);
  }
}

async function begin(runner: QueryRunner): Promise<void> {
  try {
    await runner.query('BEGIN');
  } catch (error) {
    throw unavailable(error);
  }
}

async function rollback(runner: QueryRunner): Promise<void> {
  if (runner.isReleased) return;
  try {
    await runner.query('ROLLBACK');
  } catch {
    // The connection broke; PostgreSQL rolls back by itself.
  }
}
