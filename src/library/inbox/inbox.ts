import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Refusal } from '../errors.js';
import { append } from '../store/append.js';
import { newEpoch, type RowKey } from '../store/numbered-log.js';
import type { Head } from '../store/position.js';
import { ownerOf } from '../store/owner.js';
import { listsIn, rowsOf } from '../store/rows.js';
import { Store } from '../store/store.js';
import type { Appendable, Appended, Transaction } from '../store/transaction.js';
import { checkDraft, type AddedEntry, type Entry, type EntryDraft } from './entry.js';
import { entries, entryOf } from './entry-row.js';
import { filters, type Filter } from './filters.js';
import { insertEntries } from './insert.js';
import { changeState, type Selection, type Filtered, type State } from './states.js';

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

  /** Makes every position that was ever given of this inbox unknown, so that every client that holds one reloads. */
  renewEpoch(owner: number): Promise<void> {
    return this.store.write(({ manager }) => entries.renew(manager, owner));
  }

  check(draft: EntryDraft): void {
    checkDraft(draft);
  }

  streamOf(draft: EntryDraft): string {
    return `inbox/${draft.owner}`;
  }

  append(manager: EntityManager, drafts: readonly EntryDraft[]): Promise<readonly Appended<AddedEntry>[]> {
    return append(manager, drafts, {
      tables: entries.tables,
      placeOf: ({ owner, dedupeKey }) => ({ log: owner, dedupeKey }),
      findKeyed: (keys) => findKeyed(manager, keys),
      insert: (fresh) => insertEntries(manager, fresh),
      noLog: noInbox,
    });
  }

  /** @throws {Refusal} not_found: this owner has no inbox */
  async head(owner: number): Promise<Head> {
    const head = await entries.head(this.store.readFor(ownerOf(owner)), owner);
    if (!head) throw noInbox(owner);
    return head;
  }

  /** The heads of several inboxes, as they are at one moment; of owners without one there is none. */
  heads(owners: readonly number[]): Promise<ReadonlyMap<number, Head>> {
    return entries.heads(this.store.read, owners);
  }

  /** Calls back whenever nobody can say whether entries were added: a COMMIT whose answer was lost. */
  onDoubt(listener: () => void): void {
    this.store.onDoubt(listener);
  }

  /** Oldest first with `after`, else newest first (below `before`); neither bound is included. */
  async list({ owner, filter, ...range }: EntryQuery): Promise<Entry[]> {
    const query = { log: owner, where: filters[filter], ...range };
    const rows = await entries.page(this.store.readFor(ownerOf(owner)), query);
    return rows.map(entryOf);
  }

  /** Of rows that aren't archived. */
  async counts(owner: number): Promise<Counts> {
    const counts = await this.countsOf([owner], this.store.readFor(ownerOf(owner)));
    return counts(owner);
  }

  /** The counts of several inboxes, as they are at one moment. */
  async countsOf(
    owners: readonly number[],
    manager: EntityManager = this.store.read,
  ): Promise<(owner: number) => Counts> {
    const rows = await rowsOf<Counts & { owner_id: number }>(
      manager,
      // What is unseen is unread as well (see `changes` in states.ts), so one index serves both.
      `select owner_id, count(*) as unread, count(*) filter (where seen_at is null) as unseen from notification
       where owner_id in (select cast(value->>0 as bigint) from ${listsIn(manager, '$1')})
         and read_at is null and archived_at is null
       group by owner_id`,
      [JSON.stringify(owners.map((owner) => [owner]))],
    );
    const counts = new Map(rows.map(({ owner_id, unseen, unread }) => [owner_id, { unseen, unread }]));
    return (owner) => counts.get(owner) ?? { unseen: 0, unread: 0 };
  }

  /** Undefined where it doesn't exist or is another's. */
  async find(owner: number, id: number): Promise<Entry | undefined> {
    const row = await entries.find(this.store.readFor(ownerOf(owner)), owner, id);
    return row && entryOf(row);
  }

  /** Rows of any inboxes, by their ids, as far as they exist. */
  async findAll(
    ids: readonly number[],
    manager: EntityManager = this.store.read,
  ): Promise<(id: number) => Entry | undefined> {
    const rows = await entries.findAll(manager, ids);
    const found = new Map(rows.map((row) => [row.id, entryOf(row)]));
    return (id) => found.get(id);
  }

  /** The rows that were appended with a `dedupeKey`, in the order of the keys. */
  findKeyed(keys: readonly EntryKey[]): Promise<(Entry | undefined)[]> {
    return findKeyed(
      this.store.read,
      keys.map(({ owner, dedupeKey }) => ({ log: owner, dedupeKey })),
    );
  }

  /**
   * Brings rows into a state, in a unit of work of its own.
   * @returns ids of the rows that weren't in that state already, in order of `seq`
   */
  async mark(owner: number, which: Chosen, state: State): Promise<number[]> {
    const changed = await this.store.write(
      (tx) => changeState(tx.manager, owner, which, state),
      ownerOf(owner),
    );
    return changed.map(({ id }) => id);
  }

  /**
   * Brings all that a list shows into a state, in steps: others write between two of them.
   * @returns how many weren't in that state already
   */
  async markAll(owner: number, { upTo, filter }: Filtered, state: State): Promise<number> {
    const limit = this.store.limits.markRows;
    let count = 0;
    for (let after = 0; ;) {
      const step = { upTo, filter, after, limit };
      const changed = await this.store.write(
        (tx) => changeState(tx.manager, owner, step, state),
        ownerOf(owner),
      );
      count += changed.length;
      if (changed.length < limit) return count;
      after = changed.at(-1)?.seq ?? upTo;
    }
  }
}

type Chosen = Extract<Selection, { ids: unknown } | { seqs: unknown }>;

async function findKeyed(manager: EntityManager, keys: readonly RowKey[]): Promise<(Entry | undefined)[]> {
  const rows = await entries.findKeyed(manager, keys);
  return rows.map((row) => row && entryOf(row));
}

function noInbox(owner: number): Refusal {
  return new Refusal('not_found', `User ${owner} has no inbox.`);
}

/** The name by which a row can be found that has no number yet. */
export interface EntryKey {
  readonly owner: number;
  readonly dedupeKey: string;
}

/** Which entries of an inbox a list shows; `after` and `before` are numbers (`seq`), both exclusive. */
export interface EntryQuery {
  readonly owner: number;
  readonly filter: Filter;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** How many entries of an inbox nobody has seen, and how many nobody has read. */
export interface Counts {
  readonly unseen: number;
  readonly unread: number;
}
