import type { EntityManager } from 'typeorm';
import type { QueuedMessage } from '../broker/queue-store.js';
import type { QueueTable, TableChanges } from '../broker/queue-table.js';
import { rowsOf } from './rows.js';
import { SharedCommits } from './shared-commits.js';
import type { Store } from './store.js';

/** Rows of one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535. Numbers needn't be parameters, and cost less so. */
const STATEMENT_ROWS = 500;
/** Calls that share a commit. */
const COMMIT_CALLS = 1_000;

/** Queues in the database. Changes that wait while some commit go together in the next: one fsync for all of them. */
export class SqlQueueTable implements QueueTable {
  readonly #commits: SharedCommits<TableChanges, readonly boolean[]>;

  constructor(private readonly store: Store) {
    this.#commits = new SharedCommits(COMMIT_CALLS, (together) => this.#write(together));
  }

  write(changes: TableChanges): Promise<readonly boolean[]> {
    return this.#commits.add(changes);
  }

  async read(queue: string, after: number, limit: number, maxBytes: number): Promise<QueuedMessage[]> {
    const sizes = await rowsOf<{ position: number; bytes: number }>(
      this.store.read,
      `select position, length(body) + 2 * length(headers) as bytes from queue_message
       where queue = $1 and position > $2 order by position limit $3`,
      [queue, after, limit],
    );
    // Sizes first, so that no more bodies are read than there is room for.
    let bytes = 0;
    const fitting = sizes.filter((row, i) => (bytes += row.bytes) <= maxBytes || i === 0);
    const last = fitting.at(-1);
    if (!last) return [];
    const rows = await rowsOf<QueueRow>(
      this.store.read,
      `select position, headers, body, deliveries from queue_message
       where queue = $1 and position > $2 and position <= $3 order by position`,
      [queue, after, last.position],
    );
    return rows.map((row) => messageOf(queue, row));
  }

  async contents(): Promise<{ lengths: ReadonlyMap<string, number>; lastPosition: number }> {
    const queues = await rowsOf<{ queue: string; length: number; last: number }>(
      this.store.read,
      'select queue, count(*) as length, max(position) as last from queue_message group by queue',
    );
    return {
      lengths: new Map(queues.map(({ queue, length }) => [queue, length])),
      lastPosition: queues.reduce((highest, { last }) => Math.max(highest, last), 0),
    };
  }

  async #write(together: readonly TableChanges[]): Promise<(readonly boolean[])[]> {
    return this.store.write(async ({ manager }) => {
      const replaced = await there(
        manager,
        together.flatMap(({ puts }) => puts.flatMap(({ insteadOf }) => insteadOf ?? [])),
      );
      const arePut = together.map(({ puts, removes }) => {
        const removed = new Set(removes);
        const isReplaced = (position: number): boolean => removed.has(position) && replaced.has(position);
        return puts.map(({ insteadOf }) => insteadOf === undefined || isReplaced(insteadOf));
      });
      await insert(manager, together, arePut);
      await count(
        manager,
        together.flatMap(({ counts }) => counts),
      );
      await remove(
        manager,
        together.flatMap(({ removes }) => removes),
      );
      return arePut;
    });
  }
}

/** A row, without its queue. */
export interface QueueRow {
  readonly position: number;
  readonly headers: string;
  readonly body: Uint8Array;
  readonly deliveries: number;
}

/** The message that a row of a queue stands for. */
export function messageOf(queue: string, { position, headers, body, deliveries }: QueueRow): QueuedMessage {
  return { position, queue, headers: new Map(JSON.parse(headers) as [string, string][]), body, deliveries };
}

/** @returns those of the positions that a message has */
async function there(manager: EntityManager, positions: readonly number[]): Promise<Set<number>> {
  const found = new Set<number>();
  for (const some of chunks(positions)) {
    const sql = `select position from queue_message where position in (${placeholders(some, 1)})`;
    for (const { position } of await rowsOf<{ position: number }>(manager, sql, some)) found.add(position);
  }
  return found;
}

async function insert(
  manager: EntityManager,
  together: readonly TableChanges[],
  arePut: readonly (readonly boolean[])[],
): Promise<void> {
  let values: string[] = [];
  let parameters: unknown[] = [];
  const send = async (): Promise<void> => {
    if (values.length === 0) return;
    const columns = 'position, queue, headers, body, deliveries';
    const sql = `insert into queue_message (${columns}) values ${values.join(', ')}`;
    await rowsOf(manager, sql, parameters);
    values = [];
    parameters = [];
  };
  for (const [n, { puts, positions }] of together.entries()) {
    for (const [i, { queue, headers, body, deliveries }] of puts.entries()) {
      if (!arePut[n]?.[i]) continue;
      const at = parameters.push(queue, JSON.stringify([...headers]), body);
      values.push(`(${positions[i]}, $${at - 2}, $${at - 1}, $${at}, ${deliveries})`);
      if (values.length === STATEMENT_ROWS) await send();
    }
  }
  await send();
}

/** Counts only rise: one that was tried again comes after a later one. */
async function count(manager: EntityManager, counts: TableChanges['counts']): Promise<void> {
  for (const deliveries of new Set(counts.map((one) => one.deliveries))) {
    const same = counts.filter((one) => one.deliveries === deliveries);
    for (const some of chunks(same.map(({ position }) => position))) {
      const sql = `update queue_message set deliveries = $1
        where deliveries < $1 and position in (${placeholders(some, 2)})`;
      await rowsOf(manager, sql, [deliveries, ...some]);
    }
  }
}

async function remove(manager: EntityManager, positions: readonly number[]): Promise<void> {
  for (const some of chunks(positions)) {
    await rowsOf(manager, `delete from queue_message where position in (${placeholders(some, 1)})`, some);
  }
}

function placeholders(values: readonly unknown[], first: number): string {
  return values.map((_, i) => `$${first + i}`).join(', ');
}

function* chunks<T>(all: readonly T[]): Iterable<readonly T[]> {
  for (let at = 0; at < all.length; at += STATEMENT_ROWS) yield all.slice(at, at + STATEMENT_ROWS);
}
