import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { Refusal } from '../errors.js';
import type { Append } from './appends.js';
import { isConstraint } from './failure.js';
import type { AfterCommit, Appendable, Transaction } from './transaction.js';

/** What a caller of `store.write` wants done, in the async context that it called from. */
export type UnitWork<T> = (unit: Unit) => Promise<T>;

/** The work didn't end in time. Running it again would only hold the others up again. */
export class UnitOverdueError extends Refusal {
  constructor(limitMs: number) {
    super('unavailable', `The change took longer than ${limitMs} ms and was given up; nothing was changed.`);
  }
}

/** One run of one unit of work: what it touches is watched, and over when it ends. */
export class Unit implements Transaction {
  readonly appends: Append[] = [];
  readonly #dataSource: DataSource;
  readonly #runner: QueryRunner;
  #manager: EntityManager | undefined;
  readonly #statements = new Set<Promise<unknown>>();
  #failure: { readonly error: unknown } | undefined;
  #hasWritten = false;
  #isOver = false;

  constructor(dataSource: DataSource, runner: QueryRunner) {
    this.#dataSource = dataSource;
    this.#runner = runner;
  }

  /**
   * Ties work to its caller's async context, so that a request's id is still known inside it.
   * @throws inside another unit: it would wait for the one that waits for it
   */
  static work<T>(work: (tx: Transaction) => Promise<T>): UnitWork<T> {
    if (current.getStore()?.isOver === false)
      throw new Error('A unit of work may not begin another: pass `tx` on instead of calling store.write');
    const caller = new AsyncResource('store.write');
    return (unit) => caller.runInAsyncScope(() => current.run(unit, async () => work(unit)));
  }

  /** Whether rolling back the rest of the transaction is the only way to undo this unit. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  get hasChanges(): boolean {
    return this.#hasWritten || this.appends.length > 0;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get manager(): EntityManager {
    return (this.#manager ??= this.#dataSource.createEntityManager(this.#watchedRunner()));
  }

  append<Draft, Row>(to: Appendable<Draft, Row>, draft: Draft, afterCommit?: AfterCommit<Row>): void {
    this.#assertOpen();
    to.check(draft);
    const append: Append = { to, draft, ...(afterCommit && { afterCommit }) };
    this.appends.push(append);
  }

  /** Runs the work to its end. When this settles, no statement of the unit is on its way any more. */
  async run<T>(work: UnitWork<T>, limitMs: number): Promise<T> {
    const patience = new Patience();
    const overdue = new Promise<never>((_, reject) => {
      patience.wait(limitMs, () => reject(new UnitOverdueError(limitMs)));
    });
    try {
      const value = await Promise.race([work(this), overdue]);
      await this.#end();
      // PostgreSQL answers the COMMIT of a failed transaction with ROLLBACK, not with an error.
      if (this.#failure) throw this.#failure.error;
      return value;
    } finally {
      patience.end();
      await this.#end();
    }
  }

  async #end(): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled(this.#statements);
  }

  #assertOpen(): void {
    if (this.#isOver) throw new Error('This unit of work is over: await everything that uses `tx` inside it');
  }

  /** The real runner behind a gate. Everything that TypeORM does ends in `query`. */
  #watchedRunner(): QueryRunner {
    const refuse = () =>
      Promise.reject(new Error('`tx` is a transaction: it can be neither begun nor ended'));
    return Object.assign(Object.create(this.#runner) as QueryRunner, {
      // Without it save() and remove() would begin a transaction of their own.
      isTransactionActive: true,
      // Else TypeORM looks at the real one, and a unit that is over is told of connections instead.
      isReleased: false,
      query: (...statement: Parameters<QueryRunner['query']>) => this.#query(statement),
      startTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      release: () => Promise.resolve(),
    });
  }

  async #query(statement: Parameters<QueryRunner['query']>): Promise<unknown> {
    this.#assertOpen();
    const answer = this.#runner.query(...statement);
    this.#statements.add(answer);
    try {
      const rows: unknown = await answer;
      this.#hasWritten ||= !isRead.test(statement[0]);
      return rows;
    } catch (error) {
      this.#failure ??= { error };
      // A refused statement has changed nothing; after any other fault nobody knows.
      this.#hasWritten ||= !isConstraint(error);
      throw error;
    } finally {
      this.#statements.delete(answer);
    }
  }
}

/** Waits in steps: of the time in which the process stood still, and no answer could be read, it counts one at most. */
class Patience {
  #timer: NodeJS.Timeout | undefined;

  wait(ms: number, onOver: () => void, steps = 10): void {
    if (steps === 0) return onOver();
    this.#timer = setTimeout(() => this.wait(ms - ms / steps, onOver, steps - 1), ms / steps);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

const current = new AsyncLocalStorage<Unit>();

// `with` may begin a write, so it counts as one.
const isRead = /^\s*(select|pragma|explain)\b/i;
