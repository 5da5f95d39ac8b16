import type { EntityManager } from 'typeorm';
import { cursorOf, type Cursor } from '../broker/cursor.js';
import { listsIn, rowsOf } from '../store/rows.js';
import type { Entry, EntryDraft } from './entry.js';

/**
 * Gives drafts the next numbers of their inboxes and inserts them: one statement for all inboxes, one for all
 * rows, since what costs is the way to the database and back.
 * The inbox rows stay locked until COMMIT: numbers are in commit order, and a ROLLBACK takes them back.
 * @returns in the drafts' order; undefined where an owner has no inbox
 */
export async function insertEntries(
  manager: EntityManager,
  given: readonly EntryDraft[],
): Promise<(Entry | undefined)[]> {
  // Half a surrogate pair has no UTF-8, and PostgreSQL refuses it. A text cut in the middle of an emoji has one.
  const drafts = given.map((draft) => ({
    ...draft,
    message: draft.message.replaceAll(/\p{Surrogate}/gu, '\uFFFD'),
  }));
  const positions = await takePositions(manager, drafts);
  const createdAt = new Date();
  const ids = await insertRows(
    manager,
    drafts.flatMap((draft, i) => {
      const position = positions[i];
      return position ? [{ ...draft, ...position }] : [];
    }),
    createdAt,
  );

  return drafts.map(({ owner, type, message, data }, i) => {
    const position = positions[i];
    const id = position && ids.get(placeOf(owner, position.seq));
    if (!position || id === undefined) return undefined;
    const states = { seenAt: null, readAt: null, archivedAt: null, deliveredAt: null };
    const { seq } = position;
    return { id, owner, seq, cursor: cursorOf(position), type, message, data, createdAt, ...states };
  });
}

async function takePositions(
  manager: EntityManager,
  drafts: readonly EntryDraft[],
): Promise<(Cursor | undefined)[]> {
  const counts = new Map<number, number>();
  for (const { owner } of drafts) counts.set(owner, (counts.get(owner) ?? 0) + 1);

  const inboxes = await rowsOf<{ owner_id: number; epoch: string; last_seq: number }>(
    manager,
    `update inbox set last_seq = last_seq + cast(value->>1 as bigint) from ${listsIn(manager, '$1')}
     where owner_id = cast(value->>0 as bigint) returning owner_id, epoch, last_seq`,
    [JSON.stringify([...counts])],
  );
  const last = new Map(
    inboxes.map(({ owner_id, epoch, last_seq }) => [
      owner_id,
      { epoch, seq: last_seq - (counts.get(owner_id) ?? 0) },
    ]),
  );
  return drafts.map(({ owner }) => {
    const inbox = last.get(owner);
    return inbox && { epoch: inbox.epoch, seq: ++inbox.seq };
  });
}

/** @returns the rows' ids by owner and number: the order of `returning` is not promised */
async function insertRows(
  manager: EntityManager,
  rows: readonly (EntryDraft & Cursor)[],
  createdAt: Date,
): Promise<Map<string, number>> {
  // The column is of a later migration: what nobody uses needn't be there.
  const superseding = rows.some(({ supersedeKey }) => supersedeKey !== undefined);
  const values = rows.map(({ owner, seq, type, message, data, dedupeKey, supersedeKey }) => [
    owner,
    seq,
    type,
    message,
    JSON.stringify(data),
    dedupeKey,
    createdAt.getTime(),
    ...(superseding ? [supersedeKey] : []),
  ]);
  const inserted = await rowsOf<{ id: number; owner_id: number; seq: number }>(
    manager,
    `insert into notification (
       owner_id, seq, type, message, data, dedupe_key, created_at${superseding ? ', supersede_key' : ''})
     select cast(value->>0 as bigint), cast(value->>1 as bigint), value->>2, value->>3, value->>4, value->>5,
       cast(value->>6 as bigint)${superseding ? ', value->>7' : ''}
     from ${listsIn(manager, '$1')} returning id, owner_id, seq`,
    [JSON.stringify(values)],
  );
  return new Map(inserted.map(({ id, owner_id, seq }) => [placeOf(owner_id, seq), id]));
}

function placeOf(owner: number, seq: number): string {
  return `${owner}/${seq}`;
}
