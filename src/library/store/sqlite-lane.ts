import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { Limits } from '../limits.js';
import { insertAppends, type Append } from './appends.js';
import type { Doubt, Lane, Tell } from './database.js';
import { isBusy, translated } from './failure.js';
import { Lines } from './lines.js';
import { Unit, UnitOverdueError, type UnitWork } from './unit.js';

/**
 * The write lane of SQLite, which has one writer: units of work that wait at the same time run in turn in
 * one transaction, and share its fsync; owners take turns, and a transaction has its time, since the next one waits
 * for its end: as long as BEGIN and COMMIT take themselves, where a slow disk makes that more. A unit that fails doesn't hurt those that it shared with.
 *
 * The lane is in one of five states, and `next` says what may follow each:
 *
 * - `idle`: nothing waits. The next unit starts the lane.
 * - `gathering`: no transaction is open. Until the event loop has gone round, new units join; then a batch is taken,
 *   and what comes later waits for the next.
 * - `together`: the batch runs in one transaction. A unit that fails before it wrote is refused and nothing else happens;
 *   one that fails afterwards is a culprit: all is rolled back, and it is taken out.
 * - `in savepoints`: the others run again, each in a savepoint, so that a unit that fails now is undone by itself. Only
 *   where that isn't possible there are more culprits, and those that are left run once more.
 * - `alone`: each culprit runs in a transaction of its own: what it met may have been written by a neighbour. A culprit
 *   that took too long isn't run again.
 *
 * Nobody is answered before a COMMIT, nor before the lane has given up on that unit; each exactly once.
 */
export class SqliteLane implements Lane {
  readonly #waiting = new Lines<Job>();
  readonly #runner: QueryRunner;
  readonly #manager: EntityManager;
  #state: State = 'idle';
  /** How long a unit has lasted of late, the COMMIT apart. */
  readonly #unitMs = new Duration();
  /** How long BEGIN and COMMIT have taken of late, together. */
  readonly #commitMs = new Duration();
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

  write<T>(work: UnitWork<T>, owner: string): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(owner, { work, resolve: resolve as (value: unknown) => void, reject });
      if (this.#state === 'idle') this.#run = this.#work();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#run;
  }

  async #work(): Promise<void> {
    while (!this.#waiting.isEmpty) {
      this.#become('gathering');
      // Lets everyone join who writes in this turn of the loop, such as those whom the last commit has answered.
      await setImmediate();
      await this.#settle(this.#waiting.take(this.#batch));
    }
    this.#become('idle');
  }

  #become(state: State): void {
    assert(next[this.#state].includes(state), `The write lane can't go from ${this.#state} to ${state}`);
    this.#state = state;
  }

  /** How many units are likely to be done in the time that a transaction has; a few in any case. */
  get #batch(): number {
    const { writeBatch, writeBatchMs } = this.limits;
    const unitsMs = Math.max(writeBatchMs, this.#commitMs.ms);
    return Math.max(LEAST_BATCH, Math.min(writeBatch, Math.floor(unitsMs / this.#unitMs.ms)));
  }

  async #settle(jobs: readonly Job[]): Promise<void> {
    const alone = new Set<Job>();
    let others = jobs;
    this.#become('together');
    while (others.length > 0) {
      const culprits = await this.#attempt(others);
      if (culprits.size === 0) break;
      others = others.filter((job) => !culprits.has(job));
      for (const [job, error] of culprits) {
        if (error instanceof UnitOverdueError) job.reject(error);
        else alone.add(job);
      }
      this.#become('in savepoints');
    }
    for (const job of alone) {
      this.#become('alone');
      await this.#attempt([job]);
    }
  }

  /**
   * Runs jobs in one transaction and answers them after its COMMIT; refusals too, since one may rest on what a
   * neighbour wrote.
   * @returns who made it fail, with the reason, where others may do without; if empty, all are answered
   */
  async #attempt(jobs: readonly Job[]): Promise<Culprits> {
    let answers: readonly (() => void)[];
    const begun = performance.now();
    try {
      // IMMEDIATE waits for another process here; a deferred BEGIN would fail at the first write instead.
      await this.#runner.query('BEGIN IMMEDIATE');
      const running = performance.now();
      answers = await this.#runInTurn(jobs);
      const runningMs = performance.now() - running;
      await this.#commit();
      this.#commitMs.add(performance.now() - begun - runningMs);
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
   * @returns what to do after the COMMIT, in order: first who is told of new rows, then who waits
   * @throws {CulpritsError} what was written can't stay
   */
  async #runInTurn(jobs: readonly Job[]): Promise<readonly (() => void)[]> {
    // Three statements more for each unit: too many for a batch in which nothing has failed yet.
    const isolated = this.#state === 'in savepoints';
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

    this.#unitMs.add((performance.now() - begun) / jobs.length);

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

/**
 * BEGIN and COMMIT go round the event loop as often as two or three units do: where each turn of the loop is long, one
 * unit to a transaction would make everybody wait twice as long.
 */
const LEAST_BATCH = 4;

/** How long something takes, by its last few times; 0 before the first. */
class Duration {
  ms = 0;

  add(ms: number): void {
    this.ms = this.ms === 0 ? ms : this.ms + (ms - this.ms) / 4;
  }
}

type State = 'idle' | 'gathering' | 'together' | 'in savepoints' | 'alone';

const next: Readonly<Record<State, readonly State[]>> = {
  idle: ['gathering'],
  gathering: ['together'],
  together: ['in savepoints', 'gathering', 'idle'],
  'in savepoints': ['in savepoints', 'alone', 'gathering', 'idle'],
  alone: ['alone', 'gathering', 'idle'],
};

interface Job {
  readonly work: UnitWork<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Culprits = ReadonlyMap<Job, unknown>;

class CulpritsError extends Error {
  constructor(readonly culprits: Culprits) {
    super('Units of work made their transaction fail');
  }
}
