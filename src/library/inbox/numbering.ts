import type { EntityManager } from 'typeorm';
import { HttpError } from '../errors.js';
import { rowsOf } from '../store/rows.js';
import type { Appended } from '../store/transaction.js';
import type { AddedEntry, EntryDraft } from './entry.js';
import { insertEntries } from './insert.js';
import { findKeyed, textOf } from './keyed.js';
import { supersede } from './supersede.js';

/** Appends the drafts of one transaction: a repeated `dedupeKey` gets the row that is there, the others a new one. */
export async function numberAndInsert(
  manager: EntityManager,
  drafts: readonly EntryDraft[],
): Promise<readonly Appended<AddedEntry>[]> {
  await lockInboxes(manager, drafts);
  const rows = rowsFor(drafts);
  await findKnown(manager, rows);

  const fresh = [...new Set(rows)].filter(({ entry }) => !entry);
  const entries = await insertEntries(
    manager,
    fresh.map(({ draft }) => draft),
  );
  const inserted = fresh.flatMap((row, i) => {
    const entry = entries[i];
    return entry ? [{ row, draft: row.draft, entry }] : [];
  });
  const current = await supersede(manager, inserted);
  for (const [i, { row }] of inserted.entries()) row.entry = current[i];

  const added = new Set(fresh);
  return rows.map((row) => {
    if (!row.entry) return { outcome: 'refused', error: noInbox(row.draft.owner) };
    // Of several drafts with one key, the first has added it.
    return { outcome: added.delete(row) ? 'added' : 'known', row: row.entry };
  });
}

export function noInbox(owner: number): HttpError {
  return new HttpError('not_found', `User ${owner} has no inbox.`);
}

/** A row to be found or inserted, for one draft or for all that have one key. */
interface Row {
  readonly draft: EntryDraft;
  entry?: AddedEntry | undefined;
}

function rowsFor(drafts: readonly EntryDraft[]): Row[] {
  const keyed = new Map<string, Row>();
  return drafts.map((draft) => {
    if (draft.dedupeKey === undefined) return { draft };
    const key = textOf({ owner: draft.owner, dedupeKey: draft.dedupeKey });
    const row = keyed.get(key) ?? { draft };
    keyed.set(key, row);
    return row;
  });
}

/**
 * On PostgreSQL, takes the inboxes in ascending order, so that no two transactions wait for each other, and
 * before keys are looked up, so that what another transaction adds meanwhile is seen.
 */
async function lockInboxes(manager: EntityManager, drafts: readonly EntryDraft[]): Promise<void> {
  if (manager.connection.options.type !== 'postgres') return;
  const owners = [...new Set(drafts.map(({ owner }) => owner))];
  // A single inbox is locked by the update that takes its numbers.
  if (owners.length === 1 && drafts.every(({ dedupeKey }) => dedupeKey === undefined)) return;
  await rowsOf(manager, 'select 1 from inbox where owner_id = any($1) order by owner_id for update', [
    owners,
  ]);
}

async function findKnown(manager: EntityManager, rows: readonly Row[]): Promise<void> {
  const keyed = [...new Set(rows)].flatMap((row) => {
    const { owner, dedupeKey } = row.draft;
    return dedupeKey === undefined ? [] : [{ row, owner, dedupeKey }];
  });
  const known = await findKeyed(manager, keyed);
  for (const [i, { row }] of keyed.entries()) row.entry = known[i];
}
