import type { DataSourceOptions, EntitySchema, MigrationInterface } from 'typeorm';
import type { PostgresConnectionOptions } from 'typeorm/driver/postgres/PostgresConnectionOptions.js';
import type { SqliteConnectionOptions } from 'typeorm/driver/sqlite/SqliteConnectionOptions.js';

/** What a database is built from. */
export interface Schema {
  readonly entities: readonly ((new () => object) | EntitySchema)[];
  /** In the order in which they run. */
  readonly migrations: readonly (new () => MigrationInterface)[];
}

/** TypeORM's options for a database, alike for the application and the command line. */
export function dataSourceOptions(databaseUrl: string, schema: Schema): DataSourceOptions {
  return isSqlite(databaseUrl)
    ? sqliteOptions(databaseUrl.slice(SQLITE.length), schema)
    : postgresOptions(databaseUrl, schema);
}

/** `sqlite:<path>`, as against `postgres://…`. */
export function isSqlite(databaseUrl: string): boolean {
  return databaseUrl.startsWith(SQLITE);
}

/** Where the file of a `sqlite:` is; undefined for one that nobody else can have. */
export function sqlitePathOf(databaseUrl: string): string | undefined {
  const path = databaseUrl.slice(SQLITE.length);
  return path === ':memory:' ? undefined : path;
}

/** TypeORM's options for a SQLite file. */
export function sqliteOptions(path: string, schema: Schema): SqliteConnectionOptions {
  return { ...lists(schema), type: 'sqlite', database: path };
}

/** TypeORM's options for a PostgreSQL database. */
export function postgresOptions(url: string, schema: Schema): PostgresConnectionOptions {
  // Without parseInt8, int8 and count(*) arrive as strings; ids stay below 2^53.
  return { ...lists(schema), type: 'postgres', url, parseInt8: true, applicationName: 'carillon' };
}

const SQLITE = 'sqlite:';

function lists({ entities, migrations }: Schema) {
  return { entities: [...entities], migrations: [...migrations] };
}
