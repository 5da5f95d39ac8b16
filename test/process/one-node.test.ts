import { afterEach, describe, expect, it } from 'vitest';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { runServer, startServer, stopServers } from '../server.js';

let database: FreshDatabase | undefined;

afterEach(async () => {
  await stopServers();
  await database?.drop();
  database = undefined;
});

describe.each([sqlite, postgres])('a node without a relay', (kind) => {
  it.skipIf(!kind.isHere)(`on ${kind.name} does not start beside another one, and says why`, async () => {
    database = await kind.create();
    const environment = { DATABASE_URL: database.url, RELAY_URL: 'none', JWT_SECRET: 'x'.repeat(32) };
    const first = await startServer({ environment });

    const second = await runServer([], { environment });

    expect(second.code).toBe(78);
    expect(second.output).toMatch(/^Carillon can't start: another (process|node) has /m);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    // Looking at the settings is no start.
    expect((await runServer(['--print-config'], { environment })).code).toBe(0);
  });

  it.skipIf(!kind.isHere)(`on ${kind.name} starts after one that was killed`, async () => {
    database = await kind.create();
    const environment = { DATABASE_URL: database.url, RELAY_URL: 'none', JWT_SECRET: 'x'.repeat(32) };
    const first = await startServer({ environment });
    first.kill('SIGKILL');
    await first.ended;

    const second = await startServer({ environment });

    expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
  });
});
