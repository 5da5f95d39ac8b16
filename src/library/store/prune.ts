import type { EntityManager } from 'typeorm';
import type { LogTables } from './numbered-log.js';
import { rowsOf } from './rows.js';

/**
 * Takes rows out of logs and notes it in their heads, in one transaction: a position below what was pruned is never
 * served as if nothing were missing.
 * @param which SQL that selects the ids of the rows
 * @returns how many went
 */
export async function prune(
  manager: EntityManager,
  { heads, rows: table, log }: LogTables,
  which: string,
  parameters: readonly unknown[],
): Promise<number> {
  const rows = await rowsOf<{ log: number; seq: number }>(
    manager,
    `delete from ${table} where id in (${which}) returning ${log} as log, seq`,
    parameters,
  );
  const marks = new Map<number, number>();
  for (const row of rows) marks.set(row.log, Math.max(marks.get(row.log) ?? 0, row.seq));
  // In ascending order, as everyone takes heads.
  for (const [one, seq] of [...marks].toSorted(([a], [b]) => a - b)) {
    const sql = `update ${heads} set pruned_seq = $1 where ${log} = $2 and pruned_seq < $3`;
    await rowsOf(manager, sql, [seq, one, seq]);
  }
  return rows.length;
}
