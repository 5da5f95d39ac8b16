import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signIn } from '../caller.js';
import { postgres, type FreshDatabase } from '../databases.js';
import { pooler, type Engine } from '../engines.js';
import { runServer, startServer, stopServers, type RunningServer } from '../server.js';

const isHere = postgres.isHere && pooler('postgres://host', 'session').isHere;

describe.skipIf(!isHere)(
  `a node before ${pooler('postgres://host', 'session').name} on ${postgres.name}`,
  { timeout: 120_000 },
  () => {
    let database: FreshDatabase;
    const poolers: Engine[] = [];

    beforeEach(async () => {
      database = await postgres.create();
    });
    afterEach(async () => {
      await stopServers();
      await Promise.all(poolers.splice(0).map((one) => one.end()));
      await database.drop();
    });

    async function startPooler(mode: 'transaction' | 'session'): Promise<string> {
      const started = await pooler(database.url, mode).start();
      poolers.push(started);
      return started.url;
    }

    it.each(['postgres', 'none', 'past it'])(
      'does not start where sessions are shared by transactions, and says why: RELAY_URL %s',
      async (relay) => {
        const environment = {
          DATABASE_URL: await startPooler('transaction'),
          RELAY_URL: relay === 'past it' ? database.url : relay,
          JWT_SECRET: 'x'.repeat(32),
        };

        const { code, output } = await runServer([], { environment });

        expect(output).toMatch(/^Carillon can't start: a pooler .*DATABASE_URL/m);
        expect(code).toBe(78);
      },
    );

    it('says where the relay is led through it by mistake, and rings by the database', async () => {
      const RELAY_URL = await startPooler('transaction');
      const node = await startServer({
        environment: { DATABASE_URL: database.url, RELAY_URL, LIMIT_RELAY_START_MS: '2000' },
      });

      expect(
        node
          .output()
          .split('\n')
          .filter((line) => line.includes('The relay is away')),
      ).toEqual([expect.stringMatching(/a pooler .*RELAY_URL/)]);
      expect(await relayUp(node)).toBe(0);
    });

    it('works through a pool of sessions, as one of two, and alone beside none', async () => {
      const DATABASE_URL = await startPooler('session');
      const [here, there] = await Promise.all(
        [1, 2].map(() => startServer({ environment: { DATABASE_URL } })),
      );
      for (const node of [here!, there!]) await expect.poll(() => relayUp(node), { timeout: 20_000 }).toBe(1);
      const patient = await signIn(here!.url, 'patient@example.org');
      const stream = await fetch(`${there!.url}/api/notifications/stream`, {
        headers: { authorization: `Bearer ${patient.token}` },
      });
      const ended = stream.text();
      await patient.post('/api/auth/logout', {});
      await ended;
      await stopServers();

      const environment = { DATABASE_URL, RELAY_URL: 'none', JWT_SECRET: 'x'.repeat(32) };
      await startServer({ environment });
      expect((await runServer([], { environment })).code).toBe(78);
    });
  },
);

async function relayUp({ url }: RunningServer): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^carillon_relay_up (\d+)/m.exec(metrics)?.[1]);
}
