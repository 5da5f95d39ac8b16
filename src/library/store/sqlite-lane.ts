import { setImmediate } from 'node:timers/promises';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { Limits } from '../limits.js';
import { insertAppends, type Append } from './appends.js';
import type { Doubt, Lane, Tell } from './database.js';
import { isBusy, translated } from './failure.js';
import { Lines } from './lines.js';
import { Unit, UnitOverdueError, type Work } from './unit.js';

/**
 * The write lane of SQLite, which has one writer: units of work that wait at the same time run in turn in
 * one transaction, and share its fsync; owners take turns, and a transaction has its time, since whoever comes next waits
 * for its end. A unit that fails doesn't hurt those that it shared with.
 */
export class SqliteLane implements Lane {
  readonly #waiting = new Lines<Job>();
  readonly #runner: QueryRunner;
  readonly #manager: EntityManager;
  #isRunning = false;
  /** How long a unit has lasted of late, the COMMIT apart. */
  #unitMs = 0;
  #run = Promise.resolve();

  constructor(
    private readonly writer: DataSource,
    private readonly limits: Pick<Limits, 'writeBatch' | 'writeBatchMs' | 'writeUnitMs'>,
    private readonly tell: Tell,
    private readonly doubt: Doubt,
  ) {
    this.#runner = writer.createQueryRunner();
    this.#manager = this.#runner.manager;
  }

  write<T>(work: Work<T>, owner: string): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(owner, { work, resolve: resolve as (value: unknown) => void, reject });
      if (!this.#isRunning) this.#run = this.#work();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#run;
  }

  async #work(): Promise<void> {
    this.#isRunning = true;
    while (!this.#waiting.isEmpty) {
      // Lets everyone join who writes in this turn of the loop, such as those whom the last commit has answered.
      await setImmediate();
      await this.#settle(this.#waiting.take(this.#batch));
    }
    this.#isRunning = false;
  }

  /** How many units are likely to be done in the time that a transaction has. */
  get #batch(): number {
    const { writeBatch, writeBatchMs } = this.limits;
    return Math.max(1, Math.min(writeBatch, Math.floor(writeBatchMs / this.#unitMs)));
  }

  /** A unit that makes the transaction fail is taken out, the others run again together, then it runs alone. */
  async #settle(jobs: readonly Job[]): Promise<void> {
    const alone = new Set<Job>();
    let together = jobs;
    for (let isolated = false; together.length > 0; isolated = true) {
      const culprits = await this.#attempt(together, isolated);
      if (culprits.size === 0) break;
      together = together.filter((job) => !culprits.has(job));
      for (const [job, error] of culprits) {
        if (error instanceof UnitOverdueError) job.reject(error);
        else alone.add(job);
      }
    }
    for (const job of alone) await this.#attempt([job], false);
  }

  /**
   * Runs jobs in one transaction and answers them after its COMMIT; refusals too, since one may rest on what a
   * neighbour wrote.
   * @returns who made it fail, with the reason, where others may do without; if empty, all are answered
   */
  async #attempt(jobs: readonly Job[], isolated: boolean): Promise<Culprits> {
    let answers: readonly (() => void)[];
    try {
      // IMMEDIATE waits for another process here; a deferred BEGIN would fail at the first write instead.
      await this.#runner.query('BEGIN IMMEDIATE');
      answers = await this.#runInTurn(jobs, isolated);
      await this.#commit();
    } catch (error) {
      await this.#rollback();
      const culprits: Culprits = error instanceof CulpritsError ? error.culprits : new Map();
      if (culprits.size > 0 && jobs.length > 1) return culprits;
      for (const job of jobs) job.reject(translated(culprits.get(job) ?? error));
      return new Map();
    }
    for (const answer of answers) answer();
    return new Map();
  }

  /**
   * @param isolated gives each a savepoint; that is three statements more, but the next failure isn't one more run
   * @returns what to do after the COMMIT, in order: first who is told of new rows, then who waits
   * @throws {CulpritsError} what was written can't stay
   */
  async #runInTurn(jobs: readonly Job[], isolated: boolean): Promise<readonly (() => void)[]> {
    const answers: (() => void)[] = [];
    const authors = new Map<Append, Job>();
    const begun = performance.now();
    for (const job of jobs) {
      if (isolated) await this.#runner.query('SAVEPOINT unit');
      const unit = new Unit(this.writer, this.#runner);
      try {
        const value = await unit.run(job.work, this.limits.writeUnitMs);
        for (const append of unit.appends) authors.set(append, job);
        answers.push(() => job.resolve(value));
      } catch (error) {
        if (unit.hasWritten && !(isolated && (await this.#undoUnit())))
          throw new CulpritsError(new Map([[job, error]]));
        answers.push(() => job.reject(translated(error)));
      }
      if (isolated) await this.#runner.query('RELEASE unit');
    }

    this.#measured((performance.now() - begun) / jobs.length);

    const news: (() => void)[] = [];
    const refused = new Map<Job, unknown>();
    const appended = await insertAppends(this.#manager, [...authors.keys()]);
    for (const [append, answer] of appended) {
      const author = authors.get(append);
      if (answer.outcome !== 'refused') news.push(() => this.tell(append, answer.row, answer.outcome));
      else if (author) refused.set(author, answer.error);
    }
    if (refused.size > 0) throw new CulpritsError(refused);
    return [...news, ...answers];
  }

  #measured(unitMs: number): void {
    this.#unitMs = this.#unitMs === 0 ? unitMs : this.#unitMs + (unitMs - this.#unitMs) / 4;
  }

  async #commit(): Promise<void> {
    try {
      await this.#runner.query('COMMIT');
    } catch (error) {
      // A disk that fails in the middle may have written it, or not.
      if (!isBusy(error)) this.doubt();
      throw error;
    }
  }

  /** @returns false where it took the whole transaction with it, as SQLite does when the disk is full */
  async #undoUnit(): Promise<boolean> {
    try {
      await this.#runner.query('ROLLBACK TO unit');
      return true;
    } catch {
      return false;
    }
  }

  async #rollback(): Promise<void> {
    try {
      await this.#runner.query('ROLLBACK');
    } catch {
      // It never began, or SQLite has ended it by itself. If neither, the next BEGIN fails and brings us here again.
    }
  }
}

interface Job {
  readonly work: Work<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Culprits = ReadonlyMap<Job, unknown>;

class CulpritsError extends Error {
  constructor(readonly culprits: Culprits) {
    super('Units of work made their transaction fail');
  }
}
