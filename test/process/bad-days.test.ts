import { once } from 'node:events';
import { Client } from '@stomp/stompjs';
import { Redis } from 'ioredis';
import { Client as Database } from 'pg';
import { WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signIn } from '../caller.js';
import { postgres, type FreshDatabase } from '../databases.js';
import { ownRedis } from '../engines.js';
import { startServer, stopServers, type RunningServer, type ServerOptions } from '../server.js';
import { tcpProxy } from '../tcp-proxy.js';
import { endConnections } from '../torture/nemesis.js';
import { Random } from '../torture/random.js';

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

  it('whose clocks are minutes apart ring at once, and end a login that is ended on the other one', async () => {
    const preload = 'test/process/stepped-clock.mjs';
    const late: ServerOptions = {
      environment: { DATABASE_URL: database.url, CLOCK_STEP_MS: '-300000' },
      preload,
    };
    const [here, there] = await Promise.all([start(), startServer(late)]);
    there.kill('SIGUSR2');
    await until(() => there.output().includes('The clock was set.'));
    const doctor = await signIn(here.url, 'doctor@example.org');
    const listening = await listen(there, doctor.token, '/user/queue/notifications');

    await ring(here, doctor.user.id, 'Ding');
    await ring(there, doctor.user.id, 'dong');
    await listening.hears('Ding');
    await listening.hears('dong');
    await doctor.post('/api/auth/logout', {});

    await listening.ended;
  });

  it('go on beside one of another version, which they know by its row', async () => {
    const [here, there] = await startTwo();
    await query(
      `insert into node (id, beat_at, started_at, version, connections, relay_up)
       values ('of-tomorrow', now() + interval '1 hour', now(), 99, 0, true)`,
    );
    const doctor = await signIn(here.url, 'doctor@example.org');
    const listening = await listen(there, doctor.token, '/user/queue/notifications');

    await ring(here, doctor.user.id, 'Ding');

    await listening.hears('Ding');
  });

  it('whose connections to the database are all ended, again and again, ring, and say that the relay was away', async () => {
    const [here, there] = await startTwo();
    const doctor = await signIn(here.url, 'doctor@example.org');
    const listening = await listen(there, doctor.token, '/user/queue/notifications');

    for (const text of ['one', 'two', 'three']) {
      await endConnections(database.url);
      await untilDone(() => ring(here, doctor.user.id, text));
      await listening.hears(text);
    }

    await until(() => linesOf(there, 'The relay is away').length > 0);
    const upAgain = async (): Promise<number> => metricOf(there, 'carillon_relay_reconnects_total');
    await expect.poll(upAgain, { timeout: 20_000 }).toBeGreaterThan(0);
  });

  it('of which one is cut off from the database: it refuses, the other one rings, and it catches up', async () => {
    const { hostname, port } = new URL(database.url);
    const proxy = await tcpProxy({ host: hostname, port: Number(port || 5432) });
    const behind = new URL(database.url);
    behind.hostname = '127.0.0.1';
    behind.port = `${proxy.port}`;
    const [here, there] = await Promise.all([start(), start({ DATABASE_URL: behind.href })]);
    try {
      const doctor = await signIn(here.url, 'doctor@example.org');
      const listening = await listen(there, doctor.token, '/user/queue/notifications');

      await proxy.stop();
      await ring(here, doctor.user.id, 'while it was away');
      expect((await fetch(`${there.url}/readyz`)).status).toBe(503);
      await expect.poll(() => metricOf(here, 'carillon_nodes'), { timeout: 20_000 }).toBe(1);
      await proxy.resume();

      await listening.hears('while it was away');
      await expect.poll(() => metricOf(here, 'carillon_nodes'), { timeout: 20_000 }).toBe(2);
      expect(linesOf(here, 'is dead: others get what it held')).toHaveLength(1);
      expect(linesOf(there, 'could not tell the others that it lives')).toHaveLength(1);
      expect(linesOf(there, 'took this node')).toHaveLength(1);
      expect(linesOf(there, 'The relay is away')).toHaveLength(1);
    } finally {
      await stopServers();
      await proxy.stop();
    }
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'of which one gets %s: the other one says so once, and counts one node',
    async (signal) => {
      const [here, there] = await startTwo();
      await expect.poll(() => metricOf(here, 'carillon_nodes'), { timeout: 20_000 }).toBe(2);

      there.kill(signal);

      await expect.poll(() => metricOf(here, 'carillon_nodes'), { timeout: 20_000 }).toBe(1);
      await until(() => linesOf(here, 'is dead: others get what it held').length > 0);
      expect(linesOf(here, 'is dead: others get what it held')).toHaveLength(1);
      if (signal === 'SIGKILL') return;
      there.kill('SIGCONT');
      await until(() => linesOf(there, 'took this node').length > 0);
      await expect.poll(() => metricOf(here, 'carillon_nodes'), { timeout: 20_000 }).toBe(2);
    },
  );

  describe.skipIf(!ownRedis.isHere)(`whose relay is ${ownRedis.name}`, () => {
    it('starts late, comes back empty, or hangs, ring all the same', async () => {
      const engine = await ownRedis.start();
      const proxy = await tcpProxy({ host: '127.0.0.1', port: engine.port });
      await engine.kill();
      const settings = {
        RELAY_URL: `redis://127.0.0.1:${proxy.port}`,
        LIMIT_RELAY_START_MS: '1000',
        LOG_LEVEL: 'info',
      };
      const [here, there] = await startTwo(settings);
      try {
        const doctor = await signIn(here.url, 'doctor@example.org');
        const listening = await listen(there, doctor.token, '/user/queue/notifications');

        await ring(here, doctor.user.id, 'before it came');
        await listening.hears('before it came');

        await engine.restart();
        await until(() => [here, there].every((node) => node.output().includes('The relay is up')));
        await ring(here, doctor.user.id, 'by the relay');
        await listening.hears('by the relay');

        await engine.kill();
        await engine.restart();
        await ring(here, doctor.user.id, 'of an empty one');
        await listening.hears('of an empty one');

        proxy.hang();
        await ring(here, doctor.user.id, 'past a silent one');
        await listening.hears('past a silent one');
        proxy.flow();
      } finally {
        await stopServers();
        await proxy.stop();
        await engine.end();
      }
    });

    it('is written to by strangers, drop what is no message of theirs, count it, and ring', async () => {
      const engine = await ownRedis.start();
      const redis = new Redis(engine.url);
      try {
        const [here, there] = await startTwo({ RELAY_URL: engine.url });
        const doctor = await signIn(here.url, 'doctor@example.org');
        const alerts = await listen(there, doctor.token, '/user/queue/notifications');
        const announcements = await listen(there, doctor.token, '/topic/announcements');
        const genuine: Buffer[] = [];
        const overhearing = redis.duplicate();
        await overhearing.psubscribe('*');
        overhearing.on('pmessageBuffer', (_pattern, _channel, payload: Buffer) => void genuine.push(payload));
        await ring(here, doctor.user.id, 'before');
        await alerts.hears('before');
        await announce(here, 'before');
        await announcements.hears('before');
        await overhearing.quit();

        const random = new Random(7);
        const channels = (await redis.call('pubsub', 'channels')) as string[];
        const payloads = [...odd, ...genuine.flatMap((payload) => damaged(payload, random))];
        expect(channels.length).toBeGreaterThan(2);
        expect(genuine.length).toBeGreaterThan(1);
        for (const channel of channels) for (const payload of payloads) await redis.publish(channel, payload);
        await ring(here, doctor.user.id, 'after');
        await announce(here, 'after');

        await alerts.hears('after');
        await announcements.hears('after');
        const metrics = await (await fetch(`${there.url}/metrics`)).text();
        for (const reason of ['poison', 'version'])
          expect(dropped(metrics, reason)).toBeGreaterThanOrEqual(channels.length);
        expect(linesOf(there, 'are no messages')).toHaveLength(1);
        expect(linesOf(there, 'a version that this node does not read')).toHaveLength(1);
        expect((await fetch(`${here.url}/readyz`)).status).toBe(200);
      } finally {
        await stopServers();
        redis.disconnect();
        await engine.end();
      }
    });

    it('refuses the login, are ready all the same, say so, and ring', async () => {
      const engine = await ownRedis.start();
      try {
        const settings = {
          RELAY_URL: `redis://nobody:wrong@127.0.0.1:${engine.port}`,
          LIMIT_RELAY_START_MS: '1000',
        };
        const [here, there] = await startTwo(settings);
        const doctor = await signIn(here.url, 'doctor@example.org');
        const listening = await listen(there, doctor.token, '/user/queue/notifications');

        await ring(here, doctor.user.id, 'Ding');

        await listening.hears('Ding');
        expect((await fetch(`${here.url}/readyz`)).status).toBe(200);
        expect(linesOf(here, 'The relay is away')).toEqual([
          expect.stringMatching(/WRONGPASS|NOAUTH|password/i),
        ]);
        expect(await metricOf(here, 'carillon_relay_up')).toBe(0);
        expect(here.output()).not.toContain('nobody:wrong');
      } finally {
        await stopServers();
        await engine.end();
      }
    });
  });

  async function query(sql: string): Promise<void> {
    const client = new Database({ connectionString: database.url });
    await client.connect();
    await client.query(sql);
    await client.end();
  }
});

const odd: readonly (string | Buffer)[] = [
  ...[
    '',
    '\n',
    '\0',
    'nonsense',
    '{"a":1}',
    'SEND\ndestination:/topic/x\n\n\0',
    'MESSAGE\n\n\0',
    'MESSAGE\nc-v:1\n\n\0',
  ],
  'MESSAGE\nc-v:2\nc-of-tomorrow:x\n\n\0',
  Buffer.alloc(1 << 20, 'x'),
  Buffer.alloc(1 << 16, 'MESSAGE\n'),
  ...[
    ['/topic/announcements', 'c-seq:-1', 'c-at:0'],
    ['/topic/announcements', 'c-seq:9007199254740991', 'c-at:9007199254740991'],
    ['/topic/announcements', 'c-seq:1', 'c-at:1', 'c-users:{"length":1e9}'],
    ['/topic/announcements', 'c-seq:1', 'c-at:1', 'c-letter:../../etc', 'c-only:constructor'],
    ['/topic/**', 'c-seq:1', 'c-at:1'],
    ['/user/../queue/x', 'c-seq:1', 'c-at:1', 'c-news:1', 'c-cursor:x\\c9007199254740991'],
    ['/node/login-ended', 'c-seq:1', 'c-at:1'],
    ['/node/disconnect/__proto__', 'c-seq:1', 'c-at:1'],
    ['__proto__', 'c-seq:1', 'c-at:1'],
  ].map(
    ([destination, ...headers]) =>
      `MESSAGE\nc-v:1\nc-node:stranger\n${headers.join('\n')}\ndestination:${destination}\nmessage-id:1\n\n{"x":[]}\0`,
  ),
];

/**
 * In a stranger's name: cut, turned over in a bit, said twice, and with each header left out. In the name of a node that is
 * there everything would be believed: an engine has to know who writes to it.
 */
function damaged(genuine: Buffer, random: Random): Buffer[] {
  const named = genuine.toString('latin1').replaceAll(/c-node:\w+/g, 'c-node:stranger');
  const payload = Buffer.from(named, 'latin1');
  const flipped = Buffer.from(payload);
  const at = random.between(0, payload.length - 1);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << random.between(0, 7));
  const lines = named.split('\n');
  const lacking = lines.slice(1).map((_, i) => Buffer.from(lines.toSpliced(i + 1, 1).join('\n'), 'latin1'));
  return [payload.subarray(0, random.between(1, payload.length - 1)), flipped, payload, ...lacking];
}

function dropped(metrics: string, reason: string): number {
  return Number(
    new RegExp(`^carillon_relay_dropped_total\\{reason="${reason}"\\} (\\d+)`, 'm').exec(metrics)?.[1],
  );
}

function linesOf(node: RunningServer, text: string): string[] {
  return node
    .output()
    .split('\n')
    .filter((line) => line.includes(text));
}

async function metricOf({ url }: RunningServer, name: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(metrics)?.[1]);
}

/** The database may be away just then. */
async function untilDone(work: () => Promise<void>): Promise<void> {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (!String(error).includes('503')) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

async function announce({ url }: RunningServer, message: string): Promise<void> {
  const operator = await signIn(url, 'operator@example.org');
  await operator.post('/api/announcements', { message });
}

async function ring({ url }: RunningServer, userId: number, message: string): Promise<void> {
  const operator = await signIn(url, 'operator@example.org');
  await operator.post('/api/notifications', { userId, message });
}

interface Listening {
  /** Resolves when a message has come that says so. */
  hears(text: string): Promise<void>;
  /** Its connection is closed. */
  readonly ended: Promise<void>;
}

/** Resolves with the RECEIPT of the subscription. */
async function listen({ url }: RunningServer, token: string, destination: string): Promise<Listening> {
  const bodies: string[] = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/stomp`, ['v12.stomp']);
  const client = new Client({
    webSocketFactory: () => socket,
    connectHeaders: { Authorization: `Bearer ${token}` },
    reconnectDelay: 0,
  });
  const ended = once(socket, 'close').then(() => undefined);
  const subscribed = new Promise<void>((resolve) => {
    client.onConnect = () => {
      client.watchForReceipt('subscribed', () => resolve());
      client.subscribe(destination, ({ body }) => void bodies.push(body), { receipt: 'subscribed' });
    };
  });
  client.activate();
  await subscribed;
  return { ended, hears: (text) => until(() => bodies.some((body) => body.includes(text))) };
}

/** The test's own time is the limit. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}
