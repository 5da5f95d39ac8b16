import { Client, type ClientConfig } from 'pg';
import { postgresOptions } from './data-source.js';
import type { Database, Doubt, StoreOptions, Tell } from './database.js';
import { translatedStatement } from './failure.js';
import { GuardedDataSource } from './guarded-data-source.js';
import { migrate } from './migrate.js';
import { PostgresLane } from './postgres-lane.js';
import { ReadTurns } from './read-turns.js';

/** Opens a PostgreSQL database: connections that write, and as many that can only read and never wait for those. */
export async function openPostgres(options: StoreOptions, tell: Tell, doubt: Doubt): Promise<Database> {
  const { limits } = options;
  const common = {
    ...postgresOptions(options.databaseUrl, options),
    poolSize: limits.databaseConnections,
    connectTimeoutMS: limits.databaseWaitMs,
  };
  await migrate({ ...common, extra: { lock_timeout: limits.migrationWaitMs } });

  const pool = {
    Client: HeardClient,
    keepAlive: true,
    statement_timeout: limits.writeUnitMs,
    // A node that vanishes in the middle of a transaction must not keep an inbox locked.
    idle_in_transaction_session_timeout: 2 * limits.writeUnitMs,
    // The server is silent beyond its own timeout: the connection is dead.
    query_timeout: 2 * limits.writeUnitMs,
  };
  const writer = await new GuardedDataSource({ ...common, extra: pool }, (error) => error).initialize();
  const turns = new ReadTurns({
    places: limits.databaseConnections,
    placesPerOwner: limits.databaseReadsPerOwner,
  });
  const reader = new GuardedDataSource(
    { ...common, extra: { ...pool, options: '-c default_transaction_read_only=on' } },
    translatedStatement,
    (owner, ask) => turns.ask(owner, ask),
  );
  await reader.initialize();

  return {
    lane: new PostgresLane(writer, limits, tell, doubt),
    read: reader.manager,
    readFor: (owner) => reader.managerFor(owner),
    probe: 'select txid_current()',
    async close() {
      await reader.destroy();
      await writer.destroy();
    },
  };
}

/**
 * A connection whose end is heard at every moment: the pool and TypeORM listen in turn, and a server that ends a
 * connection in the moment between them would end this process with it. The next statement fails, which is enough.
 */
class HeardClient extends Client {
  constructor(config?: ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
