import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Store } from '../store/store.js';
import type { Appendable, Appended, Transaction } from '../store/transaction.js';
import type { Entry, EntryDraft } from './entry.js';

/** A mailbox for each user: rows numbered without holes, and what their owner did with them. */
@Injectable()
export class Inbox implements Appendable<EntryDraft, Entry> {
  constructor(private readonly store: Store) {}

  /** Makes an owner's inbox, with an epoch of its own. Does nothing where it exists. */
  async open(tx: Transaction, owner: number): Promise<void> {
    throw new Error(`${owner}: not built yet ${tx}`);
  }

  check(draft: EntryDraft): void {
    throw new Error(`${draft.owner}: not built yet`);
  }

  streamOf(draft: EntryDraft): number {
    return draft.owner;
  }

  append(manager: EntityManager, drafts: readonly EntryDraft[]): Promise<readonly Appended<Entry>[]> {
    throw new Error(`${manager} ${drafts.length}: not built yet ${this.store}`);
  }

  /** @throws {HttpError} not_found: this owner has no inbox */
  head(owner: number): Promise<Head> {
    throw new Error(`${owner}: not built yet`);
  }

  /** Oldest first after `after`, else newest first (below `before`); neither bound is included. */
  list(query: ListQuery): Promise<Entry[]> {
    throw new Error(`${query.owner}: not built yet`);
  }

  /** Of rows that aren't archived. */
  counts(owner: number): Promise<Counts> {
    throw new Error(`${owner}: not built yet`);
  }

  /** Undefined where it doesn't exist or is another's. */
  find(owner: number, id: number): Promise<Entry | undefined> {
    throw new Error(`${owner} ${id}: not built yet`);
  }

  /**
   * Brings rows into a state, in a unit of work of its own.
   * @returns ids of the rows that weren't in that state already, in order of `seq`
   */
  mark(owner: number, which: Selection, state: State): Promise<number[]> {
    throw new Error(`${owner} ${state} ${which}: not built yet`);
  }
}

export interface Head {
  readonly epoch: string;
  /** The newest row's number; 0 in an empty inbox. */
  readonly seq: number;
  /** The oldest position after which every row can still be had. */
  readonly earliest: number;
}

export interface ListQuery {
  readonly owner: number;
  /** `all`: archived ones too. `unread`: not archived. */
  readonly filter: 'all' | 'unread' | 'archived';
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface Counts {
  readonly unseen: number;
  readonly unread: number;
}

/** Rows by id, or all up to and including a number. */
export type Selection = { readonly ids: readonly number[] } | { readonly upTo: number };

/** What is read was seen; what is unseen again is unread again. */
export type State = 'seen' | 'unseen' | 'read' | 'unread' | 'archived' | 'unarchived' | 'delivered';
