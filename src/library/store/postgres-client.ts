import type { Client } from 'pg';

/**
 * A connection to PostgreSQL beside the pools. Its end is heard by 'end'; a server that doesn't answer is given up after
 * `waitMs`. The driver is loaded only here, since an application with SQLite needs none.
 */
export async function connect(url: string, waitMs: number): Promise<Client> {
  const { Client } = await import('pg');
  const client = new Client({
    connectionString: url,
    application_name: 'carillon',
    keepAlive: true,
    connectionTimeoutMillis: waitMs,
    query_timeout: waitMs,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
