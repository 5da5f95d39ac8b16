import type { EntityManager } from 'typeorm';

/**
 * Runs raw SQL and gives its rows, also those of `returning`, in one shape on both databases.
 * Keywords in lower case: TypeORM's SQLite driver drops the rows of a statement that starts with "UPDATE ".
 * @param sql with parameters as `$1`, `$2`, …
 */
export async function rowsOf<Row>(
  manager: EntityManager,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const text = manager.connection.options.type === 'postgres' ? sql : numberedForSqlite(sql);
  // Without structure, PostgreSQL's driver answers an update with [rows, count].
  const result = await manager.queryRunner?.query(text, [...parameters], true);
  if (result) return result.records as Row[];
  return manager.query<Row[]>(text, [...parameters]);
}

/** To SQLite `$2` is a name, and it numbers names as it meets them; `?2` is a number. */
function numberedForSqlite(sql: string): string {
  return sql.replaceAll(/\$(?=\d)/g, '?');
}

/**
 * As `rowsOf`, for many rows: they come in one JSON text, in the order of `select`. SQLite's driver makes a value of
 * each cell on the event loop, 7 µs for a row of a dozen; this way it is 1.3, and as much less on its own thread.
 * @param columns of `select`, all of them numbers, texts or null
 */
export async function manyRowsOf<Row>(
  manager: EntityManager,
  columns: readonly (keyof Row & string)[],
  select: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const all =
    manager.connection.options.type === 'postgres'
      ? 'cast(json_agg(page) as text)'
      : `json_group_array(json_object(${columns.map((name) => `'${name}', ${name}`).join(', ')}))`;
  const [answer] = await rowsOf<{ rows: string | null }>(
    manager,
    `select ${all} as rows from (${select}) as page`,
    parameters,
  );
  return JSON.parse(answer?.rows ?? '[]') as Row[];
}

/**
 * SQL for the lists in a list of lists that comes as one JSON parameter: `select value->>0 from ${listsIn(…)}`.
 * One parameter for any number of rows: there is no limit to hit, the SQL stays the same, and binding costs a
 * quarter. `->>` gives PostgreSQL text, so cast what is none.
 */
export function listsIn(manager: EntityManager, parameter: string): string {
  return manager.connection.options.type === 'postgres'
    ? `json_array_elements(${parameter}) as list (value)`
    : `json_each(${parameter}) as list`;
}
