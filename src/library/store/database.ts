import type { EntityManager } from 'typeorm';
import type { Append } from './appends.js';
import type { ClaimKind } from './claim.js';
import type { Limits } from '../limits.js';
import type { Schema } from './data-source.js';
import type { UnitWork } from './unit.js';

/** Which database a store opens, and how. */
export interface StoreOptions extends Schema {
  /** `sqlite:<path>`, `sqlite::memory:` (a temporary file, removed at close) or `postgres://…`. */
  readonly databaseUrl: string;
  readonly limits: Limits;
  /**
   * `alone`: this process wants the database for itself, and opening fails with `DatabaseTaken` where another has it.
   * `shared`, on PostgreSQL: it fails where another has it for itself. Absent: nobody is asked.
   */
  readonly claim?: {
    readonly as: ClaimKind;
    /** Told when it lost the database, after a cut connection to PostgreSQL: it has to end. */
    readonly lost: (error: Error) => void;
  };
  /** Told of faults that have no caller: a callback that throws after the commit. */
  readonly logError: (message: string, error: unknown) => void;
}

/** One kind of database behind the store. */
export interface Database {
  readonly lane: Lane;
  /** Sees what is committed, and can't write. */
  readonly read: EntityManager;
  /** The same, where owners take turns. */
  readFor(owner: string): EntityManager;
  /** A statement whose COMMIT shows that writing works; it changes nothing. */
  readonly probe: string;
  /** @throws {Refusal} unavailable: what is written now is nowhere */
  look?(): Promise<void>;
  close(): Promise<void>;
}

/** The way of units of work to their COMMIT. */
export interface Lane {
  /**
   * Resolves after COMMIT, when everyone was told of the new rows.
   * @param owner whose it is, where owners have to take turns
   */
  write<T>(work: UnitWork<T>, owner: string): Promise<T>;
  /** Resolves when nothing is on its way any more. */
  idle(): Promise<void>;
}

/** A COMMIT went out and nobody knows what became of it. Never throws. */
export type Doubt = () => void;

/** Tells who appended a draft that its row is committed. Never throws. */
export type Tell = (append: Append, row: unknown, outcome: 'added' | 'known') => void;
