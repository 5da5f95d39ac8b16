import { randomBytes } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { LogHead } from '../broker/log.js';
import { listsIn, manyRowsOf, rowsOf } from './rows.js';

/** The two tables behind the logs of one kind. */
export interface LogTables {
  /** A row for each log: `epoch`, `last_seq`, `pruned_seq`. */
  readonly heads: string;
  /** The rows of all these logs: `id`, `seq`, `dedupe_key`, `created_at`, and what they say. */
  readonly rows: string;
  /** The column of both that names the log: an integer. */
  readonly log: string;
}

/** The name by which a row can be found that has no number yet. */
export interface RowKey {
  readonly log: number;
  readonly dedupeKey: string;
}

/** Rows of a log: oldest first with `after`, else newest first (below `before`); neither bound is included. */
export interface LogPageQuery {
  readonly log: number;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
  /** SQL over the columns of a row. */
  readonly where?: readonly string[];
}

/**
 * Logs whose rows are numbered 1, 2, 3 … in commit order, without holes: their heads, pages and epochs. `append.ts` adds
 * to them, `prune.ts` takes from them.
 */
export class NumberedLog<Row extends object> {
  /** After `select`: what is read of each row. */
  readonly #selected: string;
  readonly #fromRows: string;

  /** @param columns of the rows, and `epoch`, which is the head's */
  constructor(
    readonly tables: LogTables,
    private readonly columns: readonly (keyof Row & string)[],
  ) {
    const { heads, rows, log } = tables;
    this.#selected = columns.map((name) => (name === 'epoch' ? 'h.epoch' : `n.${name}`)).join(', ');
    this.#fromRows = `from ${rows} n join ${heads} h on h.${log} = n.${log}`;
  }

  /** Gives all these logs epochs that they never had: numbers that were given after a backup will be given again. */
  async renewAll(manager: EntityManager): Promise<void> {
    const { heads, log } = this.tables;
    // An epoch belongs to one log, so that a cursor of another one is unknown in it.
    const prefix = randomBytes(4).toString('base64url');
    await rowsOf(manager, `update ${heads} set epoch = cast($1 as varchar) || ${log}`, [`${prefix}-`]);
  }

  /** Makes every position that was ever given of this log unknown. */
  async renew(manager: EntityManager, log: number): Promise<void> {
    const sql = `update ${this.tables.heads} set epoch = $1 where ${this.tables.log} = $2`;
    await rowsOf(manager, sql, [newEpoch(), log]);
  }

  /** Undefined where there is no such log. */
  async head(manager: EntityManager, log: number): Promise<LogHead | undefined> {
    const sql = `select ${HEAD} from ${this.tables.heads} where ${this.tables.log} = $1`;
    const [head] = await rowsOf<LogHead>(manager, sql, [log]);
    return head;
  }

  /** The heads of several logs, as they are at one moment; of those that don't exist there is none. */
  async heads(manager: EntityManager, logs: readonly number[]): Promise<ReadonlyMap<number, LogHead>> {
    const { heads, log } = this.tables;
    const found = await rowsOf<LogHead & { log: number }>(
      manager,
      `select ${log} as log, ${HEAD} from ${heads}
       where ${log} in (select cast(value->>0 as bigint) from ${listsIn(manager, '$1')})`,
      [JSON.stringify(logs.map((one) => [one]))],
    );
    return new Map(found.map(({ log: one, epoch, seq, earliest }) => [one, { epoch, seq, earliest }]));
  }

  page(manager: EntityManager, { log, after, before, limit, where = [] }: LogPageQuery): Promise<Row[]> {
    const parameters: unknown[] = [];
    const bind = (value: unknown) => `$${parameters.push(value)}`;
    const conditions = [`n.${this.tables.log} = ${bind(log)}`, ...where];
    if (after !== undefined) conditions.push(`n.seq > ${bind(after)}`);
    if (before !== undefined) conditions.push(`n.seq < ${bind(before)}`);
    const order = after === undefined ? 'desc' : 'asc';
    const sql = `select ${this.#selected} ${this.#fromRows} where ${conditions.join(' and ')}
       order by n.seq ${order} limit ${bind(limit)}`;
    return manyRowsOf<Row>(manager, this.columns, sql, parameters);
  }

  /** Undefined where it doesn't exist, or is in another log. */
  async find(manager: EntityManager, log: number, id: number): Promise<Row | undefined> {
    const sql = `select ${this.#selected} ${this.#fromRows} where n.${this.tables.log} = $1 and n.id = $2`;
    const [row] = await rowsOf<Row>(manager, sql, [log, id]);
    return row;
  }

  /** Those that exist, whichever log they are in. */
  findAll(manager: EntityManager, ids: readonly number[]): Promise<Row[]> {
    const sql = `select ${this.#selected} ${this.#fromRows}
       where n.id in (select cast(value->>0 as bigint) from ${listsIn(manager, '$1')})`;
    return rowsOf<Row>(manager, sql, [JSON.stringify(ids.map((id) => [id]))]);
  }

  /** The rows that were appended with these keys, in the order of the keys. */
  async findKeyed(manager: EntityManager, keys: readonly RowKey[]): Promise<(Row | undefined)[]> {
    if (keys.length === 0) return [];
    const { heads, rows, log } = this.tables;
    const found = await rowsOf<Row & { keyed_log: number; dedupe_key: string }>(
      manager,
      `select n.${log} as keyed_log, n.dedupe_key, ${this.#selected} from ${listsIn(manager, '$1')}
       join ${rows} n on n.${log} = cast(value->>0 as bigint) and n.dedupe_key = value->>1
       join ${heads} h on h.${log} = n.${log}`,
      [JSON.stringify(keys.map((key) => [key.log, key.dedupeKey]))],
    );
    const byKey = new Map(
      found.map((row) => [textOf({ log: row.keyed_log, dedupeKey: row.dedupe_key }), row]),
    );
    return keys.map((key) => byKey.get(textOf(key)));
  }
}

/** A key as a `Map` can have it. */
export function textOf({ log, dedupeKey }: RowKey): string {
  return `${log} ${dedupeKey}`;
}

/** A random word for a log: numbers mean something within one epoch only. */
export function newEpoch(): string {
  return randomBytes(6).toString('base64url');
}

const HEAD = 'epoch, last_seq as seq, pruned_seq as earliest';
