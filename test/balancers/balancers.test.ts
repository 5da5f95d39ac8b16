import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, ReconnectionTimeMode } from '@stomp/stompjs';
import { EventSource } from 'eventsource';
import SockJS from 'sockjs-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { postWithKey, signIn, type Caller } from '../caller.js';
import { postgres, type FreshDatabase } from '../databases.js';
import { freePort } from '../free-port.js';
import {
  configurationsIn,
  haproxy,
  nginx,
  startProxy,
  type ProxyProgram,
  type RunningProxy,
} from '../proxies/proxy.js';
import { startServer, stopServers, type RunningServer } from '../server.js';

// The certificates are made for the test and signed by nobody.
process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';

const [forNginx = ''] = await configurationsIn('docs/scale-out.md', 'nginx');
const [forHaproxy = ''] = await configurationsIn('docs/scale-out.md', 'haproxy');

interface Row {
  readonly program: ProxyProgram;
  readonly configuration: string;
  /** The same without the rule for SockJS: every request goes to the next node. */
  readonly withoutRule: string;
}

const rows: readonly Row[] = [
  { program: nginx, configuration: forNginx, withoutRule: forNginx.replace(/^ {2}hash .*\n/m, '') },
  {
    program: haproxy,
    configuration: forHaproxy,
    withoutRule: forHaproxy.replace('use_backend sessions', '#').replaceAll('leastconn', 'roundrobin'),
  },
];

/** SockJS's HTTP transports as they are on the wire: where a client reads, and where it posts to. */
const transports = [
  { read: 'xhr_streaming', method: 'POST', send: 'xhr_send' },
  { read: 'xhr', method: 'POST', send: 'xhr_send' },
  { read: 'eventsource', method: 'GET', send: 'xhr_send' },
  { read: 'htmlfile?c=parent.call', method: 'GET', send: 'xhr_send' },
  { read: 'jsonp?c=parent.call', method: 'GET', send: 'jsonp_send' },
] as const;

for (const { program, configuration, withoutRule } of rows) {
  const missing = program.missing ?? (postgres.isHere ? undefined : postgres.name);
  const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;

  describe.skipIf(missing !== undefined)(`two nodes behind ${program.name}${skipped}`, () => {
    let database: FreshDatabase;
    const nodes: Node[] = [];
    let balancer: RunningProxy;
    const ends: (() => unknown)[] = [];

    beforeAll(async () => {
      database = await postgres.create();
      for (const id of ['a', 'b']) nodes.push({ id, port: await freePort(), server: undefined });
      await Promise.all(nodes.map((node) => start(node)));
      balancer = await startProxy(program, configuration, serversOf(nodes));
      await isReady(balancer.url);
    });
    afterAll(async () => {
      for (const end of ends.splice(0).toReversed()) await end();
      await balancer?.stop();
      await stopServers();
      await database?.drop();
    });

    async function start(node: Node): Promise<void> {
      node.server = await startServer({
        environment: {
          DATABASE_URL: database.url,
          PORT: `${node.port}`,
          NODE_ID: node.id,
          TRUST_PROXY: '127.0.0.1',
          DRAIN_MS: '500',
        },
      });
    }

    test.each(transports)('a session of SockJS stays on its node: $read', async (transport) => {
      const statuses = await Promise.all(
        Array.from({ length: 12 }, () => postStatus(balancer.url, transport)),
      );

      expect(statuses).toEqual(Array(12).fill(transport.send === 'jsonp_send' ? 200 : 204));
    });

    test('without the rule for sessions, posts are answered with 404', async () => {
      const wrong = await startProxy(program, withoutRule, serversOf(nodes));
      ends.push(() => wrong.stop());
      await isReady(wrong.url);

      const statuses = await Promise.all(
        Array.from({ length: 12 }, () => postStatus(wrong.url, transports[0])),
      );

      expect(statuses).toContain(404);
    });

    test('nobody outside sees the numbers of a node', async () => {
      expect((await fetch(`${balancer.url}/metrics`)).status).toBe(404);
    });

    test(
      'both nodes have clients, and each notification rings at all of them',
      { timeout: 120_000 },
      async () => {
        const operator = await signIn(balancer.url, 'operator@example.org');
        const patient = await signIn(balancer.url, 'patient@example.org');
        const ws = `${balancer.url.replace('http', 'ws')}/ws`;
        const sockjs = (transport: string) => () =>
          new SockJS(`${balancer.url}/ws`, undefined, { transports: [transport] });
        const readers = [
          ...Array.from({ length: 6 }, () => stompReader(() => new WebSocket(ws), patient)),
          ...['websocket', 'xhr-streaming', 'xhr-polling', 'xhr-streaming', 'xhr-polling'].map((transport) =>
            stompReader(sockjs(transport), patient),
          ),
          ...Array.from({ length: 4 }, () => streamReader(balancer.url, patient)),
        ];
        readers.forEach((reader) => ends.push(() => reader.close()));
        await Promise.all(readers.map(({ ready }) => ready));

        for (const n of [1, 2, 3]) await notify(operator, `alert ${n}`);

        for (const reader of readers) await reader.until('alert 3');
        for (const reader of readers) expect(reader.texts).toEqual(['alert 1', 'alert 2', 'alert 3']);
        for (const { port } of nodes) expect(await sessionsOf(port)).toBeGreaterThan(0);
      },
    );

    test(
      'both nodes are restarted, one after the other: nobody signs in again, nothing is missed',
      { timeout: 180_000 },
      async () => {
        const operator = await signIn(balancer.url, 'operator@example.org');
        const doctor = await signIn(balancer.url, 'doctor@example.org');
        const ws = `${balancer.url.replace('http', 'ws')}/ws`;
        const sockjs = () => new SockJS(`${balancer.url}/ws`, undefined, { transports: ['xhr-streaming'] });
        const readers = [
          ...Array.from({ length: 4 }, () => stompReader(() => new WebSocket(ws), doctor)),
          ...Array.from({ length: 2 }, () => stompReader(sockjs, doctor)),
          ...Array.from({ length: 2 }, () => streamReader(balancer.url, doctor)),
        ];
        readers.forEach((reader) => ends.push(() => reader.close()));
        await Promise.all(readers.map(({ ready }) => ready));

        // From then on each has a cursor.
        const written = ['the first'];
        await notify(operator, 'the first', doctor);
        for (const reader of readers) await reader.until('the first');

        const restarted = new AbortController();
        const writing = (async () => {
          for (let n = 0; !restarted.signal.aborted; n += 1) {
            await notify(operator, `news ${n}`, doctor);
            written.push(`news ${n}`);
            await pause(20);
          }
        })();
        for (const node of nodes) {
          node.server?.kill('SIGTERM');
          await node.server?.ended;
          await start(node);
          await expect
            .poll(async () => (await fetch(`http://127.0.0.1:${node.port}/readyz`)).status)
            .toBe(200);
          // HAProxy has seen by then that it is back.
          await pause(2_500);
        }
        restarted.abort();
        await writing;
        await notify(operator, 'the last', doctor);

        for (const reader of readers) await reader.until('the last');
        for (const reader of readers) expect(reader.texts).toEqual([...written, 'the last']);
      },
    );
  });
}

interface Node {
  readonly id: string;
  readonly port: number;
  server: RunningServer | undefined;
}

async function isReady(url: string): Promise<void> {
  while ((await fetch(`${url}/readyz`)).status !== 200) await pause(100);
}

/** Which of the document's addresses is which node. */
function serversOf([a, b]: readonly Node[]): Record<string, number> {
  return { '10.0.0.11:8080': a?.port ?? 0, '10.0.0.12:8080': b?.port ?? 0 };
}

/** Begins a session and posts to it. @returns the status of the post */
async function postStatus(
  base: string,
  { read, method, send }: (typeof transports)[number],
): Promise<number> {
  const server = `${Math.floor(Math.random() * 1_000)}`.padStart(3, '0');
  const session = `${base}/ws/${server}/${randomBytes(6).toString('hex')}`;
  const reading = new AbortController();
  const opened = await fetch(`${session}/${read}`, { method, signal: reading.signal });
  await opened.body?.getReader().read();
  const posted = await fetch(`${session}/${send}`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/plain' },
    body: JSON.stringify(['\n']),
  });
  await posted.text();
  reading.abort();
  return posted.status;
}

async function sessionsOf(port: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return [...metrics.matchAll(/^carillon_(?:sessions|connections)\S* (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

function notify(operator: Caller, message: string, to?: Caller): Promise<void> {
  const email = to?.user.email ?? 'patient@example.org';
  return postWithKey(operator, '/api/notifications', { email, message });
}

/** A client that comes back with its token and its cursor, and what it was told. */
class Reader {
  readonly texts: string[] = [];
  cursor: string | undefined;
  close: () => unknown = () => {};
  #wake = (): void => {};

  constructor(readonly ready: Promise<void>) {}

  hear(text: string, cursor: string | undefined): void {
    this.cursor = cursor;
    this.texts.push(text);
    this.#wake();
  }

  async until(text: string): Promise<void> {
    while (!this.texts.includes(text))
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }
}

function stompReader(open: () => WebSocket | InstanceType<typeof SockJS>, { token }: Caller): Reader {
  let subscribed = (): void => {};
  const reader = new Reader(
    new Promise((resolve) => {
      subscribed = resolve;
    }),
  );
  const client = new Client({
    webSocketFactory: open,
    connectHeaders: { Authorization: `Bearer ${token}` },
    reconnectDelay: 100,
    reconnectTimeMode: ReconnectionTimeMode.LINEAR,
    onConnect: () => {
      client.watchForReceipt('subscribed', subscribed);
      client.subscribe(
        '/user/queue/notifications',
        ({ headers, body }) => {
          const { message } = JSON.parse(body) as { message?: string };
          // Not the verdict, which says first whether all comes that was missed.
          if (message !== undefined) reader.hear(message, headers['cursor']);
        },
        { receipt: 'subscribed', ...(reader.cursor !== undefined && { since: reader.cursor }) },
      );
    },
  });
  client.activate();
  reader.close = () => client.deactivate();
  return reader;
}

function streamReader(base: string, { token }: Caller): Reader {
  const source = new EventSource(`${base}/api/notifications/stream`, {
    fetch: (url, init) =>
      fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }),
  });
  const reader = new Reader(
    new Promise((resolve) => {
      source.addEventListener('connected', () => resolve(), { once: true });
    }),
  );
  source.addEventListener('notification', ({ data, lastEventId }) =>
    reader.hear((JSON.parse(String(data)) as { message: string }).message, lastEventId),
  );
  reader.close = () => source.close();
  return reader;
}
