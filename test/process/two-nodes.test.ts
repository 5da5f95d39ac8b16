import { Client as Database } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signIn } from '../caller.js';
import { postgres, type FreshDatabase } from '../databases.js';
import { startServer, stopServers, type RunningServer } from '../server.js';

describe.skipIf(!postgres.isHere)(`two nodes on one ${postgres.name}`, { timeout: 60_000 }, () => {
  let database: FreshDatabase;

  beforeEach(async () => {
    database = await postgres.create();
  });
  afterEach(async () => {
    await stopServers();
    await database.drop();
  });

  const start = (settings: Readonly<Record<string, string>> = {}): Promise<RunningServer> =>
    startServer({ environment: { DATABASE_URL: database.url, ...settings } });

  async function startTwo(
    settings?: Readonly<Record<string, string>>,
  ): Promise<[RunningServer, RunningServer]> {
    return Promise.all([start(settings), start(settings)]);
  }

  it('start at the same moment on an empty database, and agree on its tables, its users and the secret', async () => {
    const [here, there] = await startTwo();

    const patient = await signIn(here.url, 'patient@example.org');

    const me = await fetch(`${there.url}/api/me`, { headers: { Authorization: `Bearer ${patient.token}` } });
    expect(me.status).toBe(200);
    const client = new Database({ connectionString: database.url });
    await client.connect();
    const { rows } = await client.query<{ name: string; count: string }>(
      'select name, count(*) from migrations group by name having count(*) > 1',
    );
    await client.end();
    expect(rows).toEqual([]);
  });
});
