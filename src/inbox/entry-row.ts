import { cursorOf } from '../broker/cursor.js';
import type { Entry } from './entry.js';

/** `select ${ENTRY_COLUMNS} ${FROM_ENTRIES}` gives rows of this shape. */
export interface EntryRow {
  readonly id: number;
  readonly owner_id: number;
  readonly epoch: string;
  readonly seq: number;
  readonly type: string;
  readonly message: string;
  readonly data: string;
  readonly created_at: number;
  readonly seen_at: number | null;
  readonly read_at: number | null;
  readonly archived_at: number | null;
  readonly delivered_at: number | null;
}

export const ENTRY_COLUMNS =
  'n.id, n.owner_id, i.epoch, n.seq, n.type, n.message, n.data, n.created_at, n.seen_at, n.read_at, n.archived_at, n.delivered_at';

export const FROM_ENTRIES = 'from notification n join inbox i on i.owner_id = n.owner_id';

export function entryOf(row: EntryRow): Entry {
  return {
    id: row.id,
    owner: row.owner_id,
    seq: row.seq,
    cursor: cursorOf(row),
    type: row.type,
    message: row.message,
    data: JSON.parse(row.data) as Entry['data'],
    createdAt: new Date(row.created_at),
    seenAt: dateOf(row.seen_at),
    readAt: dateOf(row.read_at),
    archivedAt: dateOf(row.archived_at),
    deliveredAt: dateOf(row.delivered_at),
  };
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}
