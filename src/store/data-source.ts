import type { DataSourceOptions, EntitySchema, MigrationInterface } from 'typeorm';

/** What a database is built from. */
export interface Schema {
  readonly entities: readonly ((new () => object) | EntitySchema)[];
  /** In the order in which they run. */
  readonly migrations: readonly (new () => MigrationInterface)[];
}

/** TypeORM's options for a database, alike for the application and the command line. */
export function dataSourceOptions({
  databaseUrl,
  entities,
  migrations,
}: Schema & { readonly databaseUrl: string }): DataSourceOptions {
  const schema = { entities: [...entities], migrations: [...migrations] };
  if (databaseUrl.startsWith('sqlite:'))
    return { ...schema, type: 'sqlite', database: databaseUrl.slice('sqlite:'.length) };
  // Without it int8 and count(*) arrive as strings; ids stay below 2^53.
  return { ...schema, type: 'postgres', url: databaseUrl, parseInt8: true };
}
