import { Client } from 'pg';

/**
 * A connection to PostgreSQL beside the pools. Its end is heard by 'end'; a server that doesn't answer is given up after
 * `waitMs`.
 */
export async function connect(url: string, waitMs: number): Promise<Client> {
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
