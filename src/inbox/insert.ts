import type { EntityManager } from 'typeorm';
import { rowsOf } from '../store/rows.js';
import { chunksOf } from './chunks.js';
import type { Cursor } from './cursor.js';
import type { Entry, EntryDraft } from './entry.js';

/**
 * Gives drafts the next numbers of their inboxes and inserts them: one statement for all inboxes, one for all
 * rows, since what costs is the way to the database and back.
 * The inbox rows stay locked until COMMIT: numbers are in commit order, and a ROLLBACK takes them back.
 * @returns in the drafts' order; undefined where an owner has no inbox
 */
export async function insertEntries(
  manager: EntityManager,
  drafts: readonly EntryDraft[],
): Promise<(Entry | undefined)[]> {
  const positions = await takePositions(manager, drafts);
  const createdAt = new Date();
  const rows = drafts.flatMap((draft, i) => {
    const position = positions[i];
    return position ? [{ ...draft, ...position }] : [];
  });
  const ids = await insertRows(manager, rows, createdAt);

  return drafts.map(({ owner, type, message, data }, i) => {
    const position = positions[i];
    const id = position && ids.get(placeOf(owner, position.seq));
    if (!position || id === undefined) return undefined;
    const states = { seenAt: null, readAt: null, archivedAt: null, deliveredAt: null };
    return { id, owner, ...position, type, message, data, createdAt, ...states };
  });
}

async function takePositions(
  manager: EntityManager,
  drafts: readonly EntryDraft[],
): Promise<(Cursor | undefined)[]> {
  const counts = new Map<number, number>();
  for (const { owner } of drafts) counts.set(owner, (counts.get(owner) ?? 0) + 1);

  const next = new Map<number, { epoch: string; seq: number }>();
  for (const some of chunksOf([...counts])) {
    const values = some.map((_, i) => `(cast($${2 * i + 1} as bigint), cast($${2 * i + 2} as bigint))`);
    const inboxes = await rowsOf<{ owner_id: number; epoch: string; last_seq: number }>(
      manager,
      `update inbox set last_seq = last_seq + added.column2 from (values ${values.join(', ')}) as added
       where owner_id = added.column1 returning owner_id, epoch, last_seq`,
      some.flat(),
    );
    for (const { owner_id, epoch, last_seq } of inboxes)
      next.set(owner_id, { epoch, seq: last_seq - (counts.get(owner_id) ?? 0) });
  }

  return drafts.map(({ owner }) => {
    const inbox = next.get(owner);
    return inbox && { epoch: inbox.epoch, seq: ++inbox.seq };
  });
}

/** @returns the rows' ids by owner and number: the order of `returning` is not promised */
async function insertRows(
  manager: EntityManager,
  rows: readonly (EntryDraft & Cursor)[],
  createdAt: Date,
): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  for (const some of chunksOf(rows)) {
    let parameter = 0;
    const values = some.map(() => `(${COLUMNS.map(() => `$${++parameter}`).join(', ')})`);
    const inserted = await rowsOf<{ id: number; owner_id: number; seq: number }>(
      manager,
      `insert into notification (${COLUMNS.join(', ')}) values ${values.join(', ')} returning id, owner_id, seq`,
      some.flatMap((row) => [
        row.owner,
        row.seq,
        row.type,
        row.message,
        JSON.stringify(row.data),
        row.dedupeKey ?? null,
        createdAt.getTime(),
      ]),
    );
    for (const { id, owner_id, seq } of inserted) ids.set(placeOf(owner_id, seq), id);
  }
  return ids;
}

const COLUMNS = ['owner_id', 'seq', 'type', 'message', 'data', 'dedupe_key', 'created_at'];

function placeOf(owner: number, seq: number): string {
  return `${owner}/${seq}`;
}
