import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { LogHead } from '../broker/log.js';
import { listsIn, manyRowsOf, rowsOf } from '../store/rows.js';
import { Store } from '../store/store.js';
import type { Appendable, Appended, Transaction } from '../store/transaction.js';
import { checkDraft, type AddedEntry, type Entry, type EntryDraft } from './entry.js';
import { ENTRY_COLUMNS, entryOf, FROM_ENTRIES, SELECTED, type EntryRow } from './entry-row.js';
import { filters, type Filter } from './filters.js';
import { findKeyed, type EntryKey } from './keyed.js';
import { noInbox, numberAndInsert } from './numbering.js';
import { changeState, type Selection, type Shown, type State } from './states.js';

/** A mailbox for each user: rows numbered without holes, and what their owner did with them. */
@Injectable()
export class Inbox implements Appendable<EntryDraft, AddedEntry> {
  constructor(private readonly store: Store) {}

  /** Makes an owner's inbox, with an epoch of its own. Does nothing where there is one. */
  async open(tx: Transaction, owner: number): Promise<void> {
    await rowsOf(
      tx.manager,
      'insert into inbox (owner_id, epoch) values ($1, $2) on conflict (owner_id) do nothing',
      [owner, newEpoch()],
    );
  }

  /** Makes every position that was ever given of this inbox unknown, so that whoever holds one reloads. */
  renewEpoch(owner: number): Promise<void> {
    return this.store.write(async ({ manager }) => {
      await rowsOf(manager, 'update inbox set epoch = $1 where owner_id = $2', [newEpoch(), owner]);
    });
  }

  check(draft: EntryDraft): void {
    checkDraft(draft);
  }

  streamOf(draft: EntryDraft): string {
    return `inbox/${draft.owner}`;
  }

  append(manager: EntityManager, drafts: readonly EntryDraft[]): Promise<readonly Appended<AddedEntry>[]> {
    return numberAndInsert(manager, drafts);
  }

  /** @throws {HttpError} not_found: this owner has no inbox */
  async head(owner: number): Promise<Head> {
    const [head] = await rowsOf<Head>(
      this.store.read,
      'select epoch, last_seq as seq, pruned_seq as earliest from inbox where owner_id = $1',
      [owner],
    );
    if (!head) throw noInbox(owner);
    return head;
  }

  /** The heads of several inboxes, as they are at one moment; of owners without one there is none. */
  async heads(owners: readonly number[]): Promise<ReadonlyMap<number, Head>> {
    const rows = await rowsOf<Head & { owner_id: number }>(
      this.store.read,
      `select owner_id, epoch, last_seq as seq, pruned_seq as earliest from inbox
       where owner_id in (select cast(value->>0 as bigint) from ${listsIn(this.store.read, '$1')})`,
      [JSON.stringify(owners.map((owner) => [owner]))],
    );
    return new Map(rows.map(({ owner_id, epoch, seq, earliest }) => [owner_id, { epoch, seq, earliest }]));
  }

  /** Calls back whenever nobody can say whether entries were added: a COMMIT whose answer was lost. */
  onDoubt(listener: () => void): void {
    this.store.onDoubt(listener);
  }

  /** Oldest first with `after`, else newest first (below `before`); neither bound is included. */
  async list({ owner, filter, after, before, limit }: ListQuery): Promise<Entry[]> {
    const parameters: unknown[] = [];
    const bind = (value: unknown) => `$${parameters.push(value)}`;
    const conditions = [`n.owner_id = ${bind(owner)}`, ...filters[filter]];
    if (after !== undefined) conditions.push(`n.seq > ${bind(after)}`);
    if (before !== undefined) conditions.push(`n.seq < ${bind(before)}`);
    const order = after === undefined ? 'desc' : 'asc';
    const rows = await manyRowsOf<EntryRow>(
      this.store.read,
      ENTRY_COLUMNS,
      `select ${SELECTED} ${FROM_ENTRIES} where ${conditions.join(' and ')}
       order by n.seq ${order} limit ${bind(limit)}`,
      parameters,
    );
    return rows.map(entryOf);
  }

  /** Of rows that aren't archived. */
  async counts(owner: number): Promise<Counts> {
    const counts = await this.countsOf([owner]);
    return counts(owner);
  }

  /** The counts of several inboxes, as they are at one moment. */
  async countsOf(owners: readonly number[]): Promise<(owner: number) => Counts> {
    const rows = await rowsOf<Counts & { owner_id: number }>(
      this.store.read,
      // What is unseen is unread as well (see `changes` in states.ts), so one index serves both.
      `select owner_id, count(*) as unread, count(*) filter (where seen_at is null) as unseen from notification
       where owner_id in (select cast(value->>0 as bigint) from ${listsIn(this.store.read, '$1')})
         and read_at is null and archived_at is null
       group by owner_id`,
      [JSON.stringify(owners.map((owner) => [owner]))],
    );
    const counts = new Map(rows.map(({ owner_id, unseen, unread }) => [owner_id, { unseen, unread }]));
    return (owner) => counts.get(owner) ?? { unseen: 0, unread: 0 };
  }

  /** Undefined where it doesn't exist or is another's. */
  async find(owner: number, id: number): Promise<Entry | undefined> {
    const [row] = await rowsOf<EntryRow>(
      this.store.read,
      `select ${SELECTED} ${FROM_ENTRIES} where n.owner_id = $1 and n.id = $2`,
      [owner, id],
    );
    return row && entryOf(row);
  }

  /** The rows that were appended with a `dedupeKey`, in the order of the keys. */
  findKeyed(keys: readonly EntryKey[]): Promise<(Entry | undefined)[]> {
    return findKeyed(this.store.read, keys);
  }

  /**
   * Brings rows into a state, in a unit of work of its own.
   * @returns ids of the rows that weren't in that state already, in order of `seq`
   */
  async mark(owner: number, which: Chosen, state: State): Promise<number[]> {
    const changed = await this.store.write((tx) => changeState(tx.manager, owner, which, state));
    return changed.map(({ id }) => id);
  }

  /**
   * Brings all that a list shows into a state, in steps: others write between two of them.
   * @returns how many weren't in that state already
   */
  async markAll(owner: number, { upTo, filter }: Shown, state: State): Promise<number> {
    const limit = this.store.limits.markRows;
    let count = 0;
    for (let after = 0; ;) {
      const step = { upTo, filter, after, limit };
      const changed = await this.store.write((tx) => changeState(tx.manager, owner, step, state));
      count += changed.length;
      if (changed.length < limit) return count;
      after = changed.at(-1)?.seq ?? upTo;
    }
  }
}

type Chosen = Extract<Selection, { ids: unknown } | { seqs: unknown }>;

function newEpoch(): string {
  return randomBytes(6).toString('base64url');
}

export type Head = LogHead;

export interface ListQuery {
  readonly owner: number;
  readonly filter: Filter;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface Counts {
  readonly unseen: number;
  readonly unread: number;
}
