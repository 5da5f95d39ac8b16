import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { signIn } from '../caller.js';
import { Authority, noCertificates, replace, type CertificateFiles } from '../certificates.js';
import { postgres, type FreshDatabase } from '../databases.js';
import { ownPostgres, ownRabbitmq, ownRedis, type Engine } from '../engines.js';
import { runServer, startServer, stopServers, type RunningServer } from '../server.js';

const missing = noCertificates ?? (postgres.isHere ? undefined : postgres.name);
const engines = [ownRedis, ownRabbitmq, ownPostgres];

describe.skipIf(missing !== undefined)(
  `TLS to what a node stands on (${missing ?? 'with a CA of its own'})`,
  { timeout: 180_000 },
  () => {
    let own: Authority;
    let strange: Authority;
    let engine: Engine | undefined;
    let database: FreshDatabase | undefined;

    beforeAll(() => {
      own = new Authority();
      strange = new Authority();
    });
    afterEach(async () => {
      await stopServers();
      await engine?.end();
      await database?.drop();
      engine = database = undefined;
    });
    afterAll(() => {
      own.end();
      strange.end();
    });

    const start = (settings: Readonly<Record<string, string>>): Promise<RunningServer> =>
      startServer({
        environment: {
          NODE_EXTRA_CA_CERTS: own.certificate,
          LOG_LEVEL: 'info',
          LIMIT_RELAY_START_MS: '2000',
          ...settings,
        },
      });

    describe.each(engines)('a relay through $name', (kind) => {
      it.runIf(kind.isHere)(
        'carries what is told, where the certificate is of that CA and for that host',
        async () => {
          engine = await kind.start(own.issue('localhost'));
          database = await postgres.create();
          const settings = { RELAY_URL: engine.url, DATABASE_URL: database.url };
          const [here, there] = await Promise.all([start(settings), start(settings)]);

          await untilUp(here);
          await untilUp(there);

          expect(here.output()).not.toContain('The relay is away');
          await logsOut(here, there);
        },
      );

      it.runIf(kind.isHere).each([
        ['of another CA', (): CertificateFiles => strange.issue('localhost'), /certificate/i],
        ['for another host', (): CertificateFiles => own.issue('elsewhere.example'), /altnames|certificate/i],
      ])('refuses a certificate %s, says so once, and goes on trying', async (_, issue, reason) => {
        const files = issue();
        engine = await kind.start(files);
        database = await postgres.create();
        const node = await start({ RELAY_URL: engine.url, DATABASE_URL: database.url });

        const told = linesOf(node, 'The relay is away');
        expect(told).toEqual([expect.stringMatching(reason)]);
        expect((await fetch(`${node.url}/readyz`)).status).toBe(200);
        expect(await metricOf(node, 'carillon_relay_up')).toBe(0);

        await engine.kill();
        replace(files, own.issue('localhost'));
        await engine.restart();
        await untilUp(node);
        expect(linesOf(node, 'The relay is away')).toEqual(told);
      });
    });

    describe(`the database on ${ownPostgres.name}`, () => {
      it.runIf(ownPostgres.isHere)(
        'is used where the certificate is of that CA and for that host',
        async () => {
          engine = await ownPostgres.start(own.issue('localhost'));
          const [here, there] = await Promise.all(
            [1, 2].map(() => start({ DATABASE_URL: engine?.url ?? '' })),
          );

          await untilUp(here!);
          await untilUp(there!);
          await logsOut(here!, there!);
        },
      );

      it.runIf(ownPostgres.isHere).each([
        ['of another CA', (): CertificateFiles => strange.issue('localhost')],
        ['for another host', (): CertificateFiles => own.issue('elsewhere.example')],
      ])('is refused with a certificate %s: the node ends, and says why', async (_, issue) => {
        engine = await ownPostgres.start(issue());

        const { code, output } = await runServer([], {
          environment: { NODE_EXTRA_CA_CERTS: own.certificate, DATABASE_URL: engine.url },
        });

        expect(code).not.toBe(0);
        expect(output).toMatch(/certificate/i);
      });
    });
  },
);

/** What is told by the relay alone: nobody looks whether the login has ended. */
async function logsOut(here: RunningServer, there: RunningServer): Promise<void> {
  const patient = await signIn(here.url, 'patient@example.org');
  const stream = await fetch(`${there.url}/api/notifications/stream`, {
    headers: { authorization: `Bearer ${patient.token}` },
  });
  const ended = stream.text();
  await patient.post('/api/auth/logout', {});
  await ended;
}

async function untilUp(node: RunningServer): Promise<void> {
  await expect.poll(() => metricOf(node, 'carillon_relay_up'), { timeout: 20_000 }).toBe(1);
}

async function metricOf({ url }: RunningServer, name: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(metrics)?.[1]);
}

function linesOf(node: RunningServer, text: string): string[] {
  return node
    .output()
    .split('\n')
    .filter((line) => line.includes(text));
}
