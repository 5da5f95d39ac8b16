import type { EntityManager } from 'typeorm';

/** What a unit of work may touch. It is over when the unit's promise is settled: later use throws. */
export interface Transaction {
  /**
   * Reads and writes inside the transaction. A statement that fails, fails the unit, even if its error is
   * caught (PostgreSQL can't go on after one): prefer `on conflict do nothing` to trying.
   * `transaction()` throws, since this is one. Raw SQL: `rowsOf()` of rows.ts gives rows on both databases.
   */
  readonly manager: EntityManager;
  /** Whether it has written, or appended, anything so far. */
  readonly hasChanges: boolean;
  /**
   * Adds a draft, to be numbered and inserted at the end of the transaction.
   * @param afterCommit called after COMMIT, synchronously, in the order of numbers; `known` says that the row
   *   was there before (the same `dedupeKey`), so that nobody needs to be told again
   * @throws what the draft is refused with
   */
  append<Draft, Row>(to: Appendable<Draft, Row>, draft: Draft, afterCommit?: AfterCommit<Row>): void;
}

/** Told after the COMMIT of a row: `added`, or `known` where a row with its key was there. */
export type AfterCommit<Row> = (row: Row, outcome: 'added' | 'known') => void;

/** Something whose rows are numbered at the end of a transaction, such as the inbox. */
export interface Appendable<Draft, Row> {
  /**
   * Looks at a draft as it is handed over, so that a wrong one fails its own unit and not those that share
   * the transaction.
   * @throws what its unit fails with
   */
  check(draft: Draft): void;
  /** Rows of one stream are numbered, and told of, in one order. The name is unique in the store: `inbox/7`. */
  streamOf(draft: Draft): string;
  /** Numbers and inserts the drafts of one transaction; answers in their order. */
  append(manager: EntityManager, drafts: readonly Draft[]): Promise<readonly Appended<Row>[]>;
}

/** `refused` fails the draft's unit and leaves the others alone. */
export type Appended<Row> =
  | { readonly outcome: 'added' | 'known'; readonly row: Row }
  | { readonly outcome: 'refused'; readonly error: Error };
