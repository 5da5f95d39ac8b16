import type { DataSource, QueryRunner } from 'typeorm';
import { insertAppends, type Append } from './appends.js';
import type { Doubt, Tell } from './database.js';
import { isAnswer, unavailable, unknownOutcome } from './failure.js';
import { Sequencer, type CallTurn } from './sequencer.js';
import type { Appended } from './transaction.js';

/** When it was told of the row of each append, in the turn of its number. */
export type ToldAppends = ReadonlyMap<Append, Promise<void>>;

/** Appends that are refused; nothing of the transaction was stored. */
export class AppendsRefused extends Error {
  constructor(readonly refused: ReadonlyMap<Append, Error>) {
    super('Drafts were refused');
  }
}

/** The transactions of one store on PostgreSQL, which tell of their rows in the order of numbers. */
export class PostgresTransactions {
  readonly #sequencer = new Sequencer();

  constructor(
    private readonly writer: DataSource,
    private readonly tell: Tell,
    private readonly doubt: Doubt,
  ) {}

  /** A transaction that begins, and takes a connection, with its first statement. @param begin the SQL for it */
  open(begin: string): PostgresTransaction {
    return new PostgresTransaction(this.writer.createQueryRunner(), begin, (runner, appended) =>
      this.#commit(runner, appended),
    );
  }

  async #commit(runner: QueryRunner, appended: ReadonlyMap<Append, AppendedRow>): Promise<ToldAppends> {
    const places = new Map<Append, CallTurn>();
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

    const told = new Map<Append, Promise<void>>();
    for (const [append, place] of places) {
      const answer = appended.get(append);
      const turn = new Promise<void>((resolve) => {
        place.settle(() => {
          if (answer) this.tell(append, answer.row, answer.outcome);
          resolve();
        });
      });
      told.set(append, turn);
    }
    return told;
  }
}

type AppendedRow = Exclude<Appended<unknown>, { outcome: 'refused' }>;

type Commit = (runner: QueryRunner, appended: ReadonlyMap<Append, AppendedRow>) => Promise<ToldAppends>;

/** One transaction. The code that opens one ends it, whatever has become of it. */
export class PostgresTransaction {
  /** Its statements are the transaction's: the first one begins it. */
  readonly runner: QueryRunner;
  #begun: Promise<void> | undefined;
  #isCommitted = false;

  constructor(
    private readonly connection: QueryRunner,
    private readonly begin: string,
    private readonly sendCommit: Commit,
  ) {
    this.runner = Object.assign(Object.create(connection) as QueryRunner, {
      query: async (...statement: Parameters<QueryRunner['query']>): Promise<unknown> => {
        await (this.#begun ??= this.#begin());
        return connection.query(...statement);
      },
    });
  }

  get hasBegun(): boolean {
    return this.#begun !== undefined;
  }

  /** Numbers and inserts, then commits. @throws {AppendsRefused} */
  async commit(appends: readonly Append[]): Promise<ToldAppends> {
    await (this.#begun ??= this.#begin());
    const appended = new Map<Append, AppendedRow>();
    const refused = new Map<Append, Error>();
    for (const [append, answer] of await insertAppends(this.connection.manager, inOneOrder(appends))) {
      if (answer.outcome === 'refused') refused.set(append, answer.error);
      else appended.set(append, answer);
    }
    if (refused.size > 0) throw new AppendsRefused(refused);
    const told = await this.sendCommit(this.connection, appended);
    this.#isCommitted = true;
    return told;
  }

  /** Takes back what isn't committed, and gives the connection back. */
  async end(): Promise<void> {
    if (this.hasBegun && !this.#isCommitted) await this.#rollback();
    await this.connection.release();
  }

  async #begin(): Promise<void> {
    try {
      await this.connection.query(this.begin);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async #rollback(): Promise<void> {
    if (this.connection.isReleased) return;
    try {
      await this.connection.query('ROLLBACK');
    } catch {
      // The connection broke; PostgreSQL rolls back by itself.
    }
  }
}

/** Kinds of logs one after the other, always in the same order: no two transactions wait for each other's heads. */
function inOneOrder(appends: readonly Append[]): readonly Append[] {
  const kinds = new Map<Append['to'], string>();
  for (const { to, draft } of appends) if (!kinds.has(to)) kinds.set(to, to.streamOf(draft));
  if (kinds.size < 2) return appends;
  const nameOf = ({ to }: Append): string => kinds.get(to) ?? '';
  return appends.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0));
}
