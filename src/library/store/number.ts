import type { EntityManager } from 'typeorm';
import type { Cursor } from '../broker/cursor.js';
import type { LogTables } from './numbered-log.js';
import { listsIn, rowsOf } from './rows.js';

/** A row without its number. */
export interface NewRow {
  readonly log: number;
  readonly dedupeKey?: string | undefined;
  /** Texts, in the order of the columns that they are for. */
  readonly values: readonly (string | undefined)[];
}

/** What a row was given. */
export interface Numbered extends Cursor {
  readonly id: number;
  readonly createdAt: Date;
}

/**
 * Gives rows the next numbers of their logs and inserts them: one statement for all logs, one for all rows, since what
 * costs is the way to the database and back.
 * The heads stay locked until COMMIT: numbers are in commit order, and a ROLLBACK takes them back.
 * @returns in the rows' order; undefined where there is no such log
 */
export async function number(
  manager: EntityManager,
  tables: LogTables,
  columns: readonly string[],
  rows: readonly NewRow[],
): Promise<(Numbered | undefined)[]> {
  const positions = await takePositions(manager, tables, rows);
  const createdAt = new Date();
  const placed = rows.flatMap((row, i) => {
    const position = positions[i];
    return position ? [{ ...row, seq: position.seq }] : [];
  });
  const ids = await insert(manager, tables, columns, placed, createdAt);
  return rows.map(({ log }, i) => {
    const position = positions[i];
    const id = position && ids.get(placeOf(log, position.seq));
    return position && id !== undefined ? { ...position, id, createdAt } : undefined;
  });
}

async function takePositions(
  manager: EntityManager,
  { heads, log }: LogTables,
  rows: readonly NewRow[],
): Promise<(Cursor | undefined)[]> {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(row.log, (counts.get(row.log) ?? 0) + 1);

  const taken = await rowsOf<{ log: number; epoch: string; last_seq: number }>(
    manager,
    `update ${heads} set last_seq = last_seq + cast(value->>1 as bigint) from ${listsIn(manager, '$1')}
     where ${log} = cast(value->>0 as bigint) returning ${log} as log, epoch, last_seq`,
    [JSON.stringify([...counts])],
  );
  const last = new Map(
    taken.map((head) => [head.log, { epoch: head.epoch, seq: head.last_seq - (counts.get(head.log) ?? 0) }]),
  );
  return rows.map((row) => {
    const head = last.get(row.log);
    return head && { epoch: head.epoch, seq: ++head.seq };
  });
}

/** @returns the rows' ids by log and number: the order of `returning` is not promised */
async function insert(
  manager: EntityManager,
  { rows: table, log }: LogTables,
  columns: readonly string[],
  rows: readonly (NewRow & { readonly seq: number })[],
  createdAt: Date,
): Promise<Map<string, number>> {
  const lists = rows.map((row) => [row.log, row.seq, createdAt.getTime(), row.dedupeKey, ...row.values]);
  const inserted = await rowsOf<{ id: number; log: number; seq: number }>(
    manager,
    `insert into ${table} (${[log, 'seq', 'created_at', 'dedupe_key', ...columns].join(', ')})
     select cast(value->>0 as bigint), cast(value->>1 as bigint), cast(value->>2 as bigint), value->>3
       ${columns.map((_, i) => `, value->>${i + 4}`).join('')}
     from ${listsIn(manager, '$1')} returning id, ${log} as log, seq`,
    [JSON.stringify(lists)],
  );
  return new Map(inserted.map((row) => [placeOf(row.log, row.seq), row.id]));
}

function placeOf(log: number, seq: number): string {
  return `${log}/${seq}`;
}
