import { NumberedLog } from '../store/numbered-log.js';
import type { Entry } from './entry.js';

/** A row of the table `notification` as the drivers give it; instants in ms since the Unix epoch. */
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

const ENTRY_COLUMNS = [
  'id',
  'owner_id',
  'epoch',
  'seq',
  'type',
  'message',
  'data',
  'created_at',
  'seen_at',
  'read_at',
  'archived_at',
  'delivered_at',
] as const satisfies readonly (keyof EntryRow)[];

/** Inboxes in SQL. */
export const entries = new NumberedLog<EntryRow>(
  { heads: 'inbox', rows: 'notification', log: 'owner_id' },
  ENTRY_COLUMNS,
);

/** The entry that a row stands for. */
export function entryOf(row: EntryRow): Entry {
  return {
    id: row.id,
    owner: row.owner_id,
    epoch: row.epoch,
    seq: row.seq,
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
