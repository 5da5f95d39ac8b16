import { randomUUID } from 'node:crypto';
import { Client } from '@stomp/stompjs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { signIn, type Caller } from '../caller.js';
import { postgres } from '../databases.js';
import { ownPostgres, ownRedis, sentinel, standby, type Engine } from '../engines.js';
import { configurationsIn, haproxy, startProxy } from '../proxies/proxy.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { tcpProxy } from '../tcp-proxy.js';

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const missing = haproxy.missing ?? (postgres.isHere ? undefined : postgres.name);

describe.skipIf(missing !== undefined || !ownRedis.isHere)(
  `Redis with Sentinel behind HAProxy (${missing ?? ownRedis.name})`,
  { timeout: 120_000 },
  () => {
    it('fails over: topics are told of a gap and go on, and no alert is lost or late', async () => {
      const primary = await started(ownRedis.start());
      const replica = await started(ownRedis.start());
      await replica.administer(`replicaof 127.0.0.1 ${primary.port}`);
      const watcher = await started(sentinel(primary).start());
      const [, configuration = ''] = await configurationsIn('docs/scale-out.md', 'haproxy');
      const proxy = await startProxy(haproxy, configuration, {
        '10.0.0.21:6379': primary.port,
        '10.0.0.22:6379': replica.port,
      });
      ends.push(() => proxy.stop());
      const database = await postgres.create();
      ends.push(() => database.drop());
      // It has to know of the replica before it can promote it.
      const known = (): Promise<string> => watcher.administer('sentinel replicas clinic');
      await expect.poll(known, { timeout: 30_000 }).toContain(`${replica.port}`);
      const environment = {
        DATABASE_URL: database.url,
        RELAY_URL: `redis://127.0.0.1:${new URL(proxy.url).port}`,
        AUTHZ: 'open',
      };
      ends.push(stopServers);
      const [here, there] = [await startServer({ environment }), await startServer({ environment })];
      for (const node of [here, there]) await untilRelay(node, 1);
      const operator = await signIn(here.url, 'operator@example.org');
      const doctor = await signIn(there.url, 'doctor@example.org');
      const topic = await listen(there, doctor, '/topic/ward', { gaps: 'message' });
      const alerts = await listen(there, doctor, '/user/queue/notifications');
      const ward = await listen(here, operator, '/topic/elsewhere');
      await untilHeard(topic, 'before', () => ward.publish('/topic/ward', 'before'));

      await primary.kill();
      for (const node of [here, there]) await untilRelay(node, 0);
      const told: string[] = [];
      for (let n = 0; n < 5; n += 1) {
        await notify(operator, doctor, `alert ${n}`);
        told.push(`alert ${n}`);
      }
      await alerts.until('alert 4');
      for (const node of [here, there]) await untilRelay(node, 1);
      ward.publish('/topic/ward', 'after');
      await topic.until('after');
      await notify(operator, doctor, 'the last');
      await alerts.until('the last');

      expect(topic.texts.filter((text) => text !== 'before')).toEqual(['gap', 'after']);
      expect(alerts.texts).toEqual([...told, 'the last']);
    });
  },
);

describe.skipIf(!ownPostgres.isHere)(
  `${ownPostgres.name} with a synchronous standby`,
  { timeout: 180_000 },
  () => {
    it('fails over: every alert that was answered is there, once, and cursors go on', async () => {
      const primary = await started(ownPostgres.start());
      const other = await started(standby(primary).start());
      await primary.administer(`alter system set synchronous_standby_names = '*'`);
      await primary.administer('select pg_reload_conf()');
      const target = { host: '127.0.0.1', port: primary.port };
      const proxy = await tcpProxy(target);
      ends.push(() => proxy.stop());
      const environment = { DATABASE_URL: `postgres://postgres@127.0.0.1:${proxy.port}/postgres` };
      ends.push(stopServers);
      const [here, there] = [await startServer({ environment }), await startServer({ environment })];
      const operator = await signIn(here.url, 'operator@example.org');
      const doctor = await signIn(there.url, 'doctor@example.org');
      const alerts = await listen(there, doctor, '/user/queue/notifications');
      const answered: string[] = [];
      const write = async (count: number): Promise<void> => {
        for (let n = 0; n < count; n += 1) {
          const text = `alert ${answered.length}`;
          await notify(operator, doctor, text);
          answered.push(text);
        }
      };
      await write(20);
      await alerts.until('alert 19');
      const cursor = alerts.cursor();

      const writing = write(100);
      await alerts.until('alert 40');
      await primary.kill();
      await other.administer('select pg_promote()');
      target.port = other.port;
      // The standby has none of its own: nobody waits for one.
      await other.administer(`alter system reset synchronous_standby_names`);
      await other.administer('select pg_reload_conf()');
      proxy.cut();
      await writing;
      await alerts.until('alert 119');
      const resumed = await listen(here, doctor, '/user/queue/notifications', { since: cursor });
      await resumed.until('alert 119');

      expect(alerts.texts).toEqual(answered);
      expect(resumed.texts).toEqual(answered.slice(20));
    });
  },
);

async function started(starting: Promise<Engine>): Promise<Engine> {
  const engine = await starting;
  ends.push(() => engine.end());
  return engine;
}

async function untilRelay({ url }: RunningServer, up: 0 | 1): Promise<void> {
  const relayUp = async (): Promise<number> => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    return Number(/^carillon_relay_up (\d)/m.exec(metrics)?.[1]);
  };
  await expect.poll(relayUp, { timeout: 30_000 }).toBe(up);
}

/** Again, with the same key, until it is answered. */
async function notify(operator: Caller, { user }: Caller, message: string): Promise<void> {
  const key = { 'Idempotency-Key': randomUUID() };
  for (;;)
    try {
      await operator.post('/api/notifications', { userId: user.id, message }, key);
      return;
    } catch (error) {
      if (!/503|unavailable|fetch failed/.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

async function untilHeard(listening: Listening, text: string, publish: () => void): Promise<void> {
  publish();
  await listening.until(text);
}

interface Listening {
  /** Of messages; `gap` for one. */
  readonly texts: readonly string[];
  /** Of the last one. */
  cursor(): string;
  until(text: string): Promise<void>;
  publish(destination: string, body: string): void;
}

/** Resolves with the RECEIPT of the subscription. */
async function listen(
  { url }: RunningServer,
  { token }: Caller,
  destination: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Listening> {
  const texts: string[] = [];
  let cursor = '';
  const client = new Client({
    webSocketFactory: () => new WebSocket(`${url.replace('http', 'ws')}/stomp`, ['v12.stomp']) as never,
    connectHeaders: { Authorization: `Bearer ${token}` },
    reconnectDelay: 0,
  });
  const subscribed = new Promise<void>((resolve) => {
    client.onConnect = () => {
      client.watchForReceipt('subscribed', () => resolve());
      client.subscribe(
        destination,
        (message) => {
          cursor = message.headers['cursor'] ?? cursor;
          const text = textOf(message.headers['event-type'], message.body);
          if (text !== undefined) texts.push(text);
        },
        { receipt: 'subscribed', ...headers },
      );
    };
  });
  client.activate();
  ends.push(() => client.deactivate({ force: true }));
  await subscribed;
  return {
    texts,
    cursor: () => cursor,
    until: async (text) => {
      while (!texts.includes(text)) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    publish: (to, body) => client.publish({ destination: to, body }),
  };
}

/** Undefined for a verdict, which says first whether all comes that was missed. */
function textOf(type: string | undefined, body: string): string | undefined {
  if (type === 'gap') return 'gap';
  if (!body.startsWith('{')) return body;
  return (JSON.parse(body) as { message?: string }).message;
}
