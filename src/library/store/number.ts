import type { EntityManager } from 'typeorm';
import type { Cursor } from '../broker/cursor.js';
import type { LogTables } from './numbered-log.js';
import { listsIn, rowsOf } from './rows.js';

/** A row without its number. */
export interface NewRow {
  readonly log: number;
  readonly dedupeKey?: string | undefined;
  /** In the order of the columns that they are for. */
  readonly values: readonly (string | number | undefined)[];
}

/** A column of the rows: of texts by its name, else with its type. */
export type ValueColumn = string | { readonly name: string; readonly type: 'bigint' };

/** What a row was given. */
export interface Numbered extends Cursor {
  readonly id: number;
  readonly createdAt: Date;
}

/**
 * Gives rows the next numbers of their logs and inserts them, in as few statements as the database can do it in, since what
 * costs is the way there and back.
 * The heads stay locked until COMMIT: numbers are in commit order, and a ROLLBACK takes them back.
 * @returns in the rows' order; undefined where there is no such log
 */
export async function number(
  manager: EntityManager,
  tables: LogTables,
  columns: readonly ValueColumn[],
  rows: readonly NewRow[],
): Promise<(Numbered | undefined)[]> {
  const inSteps = manager.connection.options.type === 'postgres' ? numberAtOnce : numberInTwo;
  return inSteps(manager, tables, columns, rows, new Date());
}

/**
 * On PostgreSQL. The heads are taken in ascending order, so that no two transactions wait for each other. `for update` gives
 * their newest versions, though the statement's snapshot is from before it waited for them.
 * @see PostgreSQL, Transaction Isolation, Read Committed Isolation Level
 */
async function numberAtOnce(
  manager: EntityManager,
  { heads, rows: table, log }: LogTables,
  columns: readonly ValueColumn[],
  rows: readonly NewRow[],
  createdAt: Date,
): Promise<(Numbered | undefined)[]> {
  if (rows.length === 0) return [];
  const named = ['dedupe_key', ...columns.map(nameOf)];
  const types = ['text', ...columns.map((column) => (typeof column === 'string' ? 'text' : column.type))];
  const inserted = await rowsOf<{ place: number; epoch: string; seq: number; id: number }>(
    manager,
    `with draft as materialized (
       select * from unnest(cast($1 as bigint[]), ${types.map((type, i) => `cast($${i + 3} as ${type}[])`).join(', ')})
         with ordinality as draft (log, ${named.join(', ')}, place)
     ), head as materialized (
       select ${log} as log, epoch, last_seq from ${heads} where ${log} = any($1) order by ${log} for update
     ), numbered as materialized (
       select draft.*, epoch, last_seq + row_number() over (partition by log order by place) as seq
       from draft join head using (log)
     ), taken as (
       update ${heads} set last_seq = newest.seq
       from (select log, max(seq) as seq from numbered group by log) as newest where ${log} = newest.log
     ), inserted as (
       insert into ${table} (${[log, 'seq', 'created_at', ...named].join(', ')})
       select ${['log', 'seq', 'cast($2 as bigint)', ...named].join(', ')} from numbered order by place
       returning id, ${log} as log, seq
     )
     select place, epoch, seq, id from inserted join numbered using (log, seq)`,
    [
      rows.map((row) => row.log),
      createdAt.getTime(),
      rows.map(({ dedupeKey }) => dedupeKey),
      ...columns.map((_, i) => rows.map(({ values }) => values[i])),
    ],
  );
  const numbered: (Numbered | undefined)[] = rows.map(() => undefined);
  for (const { place, epoch, seq, id } of inserted) numbered[place - 1] = { epoch, seq, id, createdAt };
  return numbered;
}

/** On SQLite: one statement for all logs, one for all rows. */
async function numberInTwo(
  manager: EntityManager,
  tables: LogTables,
  columns: readonly ValueColumn[],
  rows: readonly NewRow[],
  createdAt: Date,
): Promise<(Numbered | undefined)[]> {
  const positions = await takePositions(manager, tables, rows);
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
  columns: readonly ValueColumn[],
  rows: readonly (NewRow & { readonly seq: number })[],
  createdAt: Date,
): Promise<Map<string, number>> {
  const lists = rows.map((row) => [row.log, row.seq, createdAt.getTime(), row.dedupeKey, ...row.values]);
  const inserted = await rowsOf<{ id: number; log: number; seq: number }>(
    manager,
    `insert into ${table} (${[log, 'seq', 'created_at', 'dedupe_key', ...columns.map(nameOf)].join(', ')})
     select cast(value->>0 as bigint), cast(value->>1 as bigint), cast(value->>2 as bigint), value->>3
       ${columns.map((_, i) => `, value->>${i + 4}`).join('')}
     from ${listsIn(manager, '$1')} returning id, ${log} as log, seq`,
    [JSON.stringify(lists)],
  );
  return new Map(inserted.map((row) => [placeOf(row.log, row.seq), row.id]));
}

function nameOf(column: ValueColumn): string {
  return typeof column === 'string' ? column : column.name;
}

function placeOf(log: number, seq: number): string {
  return `${log}/${seq}`;
}
