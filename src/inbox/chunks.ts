/** Rows in one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535. */
const ROWS = 1_000;

/** Cuts a list so that each part fits in one statement. */
export function chunksOf<T>(list: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < list.length; start += ROWS) chunks.push(list.slice(start, start + ROWS));
  return chunks;
}
