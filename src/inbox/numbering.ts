import type { EntityManager } from 'typeorm';
import { HttpError } from '../errors.js';
import { listsIn, rowsOf } from '../store/rows.js';
import type { Appended } from '../store/transaction.js';
import type { Entry, EntryDraft } from './entry.js';
import { ENTRY_COLUMNS, entryOf, type EntryRow } from './entry-row.js';
import { insertEntries } from './insert.js';

/** Appends the drafts of one transaction: a repeated `dedupeKey` gets the row that is there, the others a new one. */
export async function numberAndInsert(
  manager: EntityManager,
  drafts: readonly EntryDraft[],
): Promise<readonly Appended<Entry>[]> {
  await lockInboxes(manager, drafts);
  const rows = rowsFor(drafts);
  await findKnown(manager, rows);

  const fresh = [...new Set(rows)].filter(({ entry }) => !entry);
  const entries = await insertEntries(
    manager,
    fresh.map(({ draft }) => draft),
  );
  for (const [i, row] of fresh.entries()) row.entry = entries[i];

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
  entry?: Entry | undefined;
}

function rowsFor(drafts: readonly EntryDraft[]): Row[] {
  const keyed = new Map<string, Row>();
  return drafts.map((draft) => {
    if (draft.dedupeKey === undefined) return { draft };
    const key = keyOf(draft.owner, draft.dedupeKey);
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
  const keyed = new Map<string, Row>();
  for (const row of rows) {
    const { owner, dedupeKey } = row.draft;
    if (dedupeKey !== undefined) keyed.set(keyOf(owner, dedupeKey), row);
  }
  if (keyed.size === 0) return;

  const known = await rowsOf<EntryRow & { dedupe_key: string }>(
    manager,
    `select n.dedupe_key, ${ENTRY_COLUMNS} from ${listsIn(manager, '$1')}
     join notification n on n.owner_id = cast(value->>0 as bigint) and n.dedupe_key = value->>1
     join inbox i on i.owner_id = n.owner_id`,
    [JSON.stringify([...keyed.values()].map(({ draft }) => [draft.owner, draft.dedupeKey]))],
  );
  for (const row of known) {
    const waiting = keyed.get(keyOf(row.owner_id, row.dedupe_key));
    if (waiting) waiting.entry = entryOf(row);
  }
}

function keyOf(owner: number, dedupeKey: string): string {
  return `${owner} ${dedupeKey}`;
}
