import { setTimeout as sleep } from 'node:timers/promises';
import { ownRabbitmq, ownRedis, type Engine } from '../../test/engines.js';
import { raisedSettings } from '../carillon-settings.js';
import { createPostgres, type Database } from '../databases.js';
import { startLoad } from '../load.js';
import type { Alert, prepare as prepareTrouble, Recipient } from '../loads/alerts-in-trouble.js';
import type { prepare as prepareFanout } from '../loads/fanout.js';
import type { prepare as prepareQueue } from '../loads/queue-through.js';
import { now } from '../loads/timed-message.js';
import type { Options } from '../options.js';
import { startCarillon, type Carillon } from '../peers/carillon.js';
import type { SeededUser } from '../loads/seed-users.js';
import { seedUsers } from '../seeded-users.js';
import { bearer } from '../carillon-door.js';
import type { Row, Shape, Table } from '../shape.js';
import { NotHereError } from '../target.js';

const SUBSCRIBERS = 100;
const BODY_BYTES = 100;
const RECIPIENTS = 30;
/** A p99 of a second is nearly its worst then. */
const ALERTS_PER_SECOND = 100;
const TROUBLE_AFTER_MS = 3_000;
const ENGINE_GONE_MS = 10_000;
const AWAITED_P99_MS = 100;

export const nodes: Shape = {
  name: 'nodes',
  about:
    'Several nodes on one PostgreSQL, by each line that can join them, beside one of these nodes alone in the same run. ' +
    `Hop: from before the SEND to the MESSAGE, one at a time. Fan-out: ${SUBSCRIBERS} subscribers, window 32. Queue: put, ` +
    'delivered and acknowledged, 2,000 on their way. Trouble: ' +
    `${ALERTS_PER_SECOND} alerts a second to ${RECIPIENTS} devices on three nodes, of which one is killed (SIGKILL; its devices ` +
    `come back at once, to another), or whose engine is gone for ${ENGINE_GONE_MS / 1_000} s; from the POST to the device.`,
  aims: [
    'hop: at most 0.5 ms more at the median, 5 ms at p99',
    'fan-out to the other node: at least 0.5 times',
    'queue from node to node: at least 10,000/s',
    'a node killed: p99 below 100 ms again within 5 s, nothing lost',
    'the engine gone: no POST refused, alerts within 3 s meanwhile, topics again within 2 s of its return',
  ],

  async run(options) {
    const remarks = [raisedSettings];
    const tables = new Map<string, Row[]>(parts.map(([title]) => [title, []]));
    const database = await createPostgres(options.postgres);
    try {
      const users = await seedUsers(database.url, RECIPIENTS);
      for (const line of lines.filter(({ name }) => !options.only || options.only.includes(name))) {
        if (!line.isHere) remarks.push(`${line.name} was skipped: its server isn't installed.`);
        else await measureLine(line, { database, users }, tables, options);
      }
    } catch (error) {
      if (!(error instanceof NotHereError)) throw error;
      remarks.push(`PostgreSQL was skipped: ${error.message}`);
    } finally {
      await database.drop();
    }
    return { tables: [...tables].map(([title, rows]): Table => ({ title, rows })), remarks };
  },
};

interface Line {
  readonly name: string;
  readonly isHere: boolean;
  readonly start?: () => Promise<Engine>;
}

const lines: readonly Line[] = [
  { name: 'postgres', isHere: true },
  { name: 'redis', isHere: ownRedis.isHere, start: () => ownRedis.start() },
  { name: 'rabbitmq', isHere: ownRabbitmq.isHere, start: () => ownRabbitmq.start() },
];

/** Three nodes, joined by a line. */
interface Joined {
  readonly all: readonly Carillon[];
  readonly here: Carillon;
  readonly there: Carillon;
  readonly users: readonly SeededUser[];
  /** Undefined where it is the database, which isn't killed. */
  readonly engine: Engine | undefined;
}

/** The node that is killed is missed by what comes after it: so that is the last one. */
const parts: readonly [title: string, measure: (joined: Joined, options: Options) => Promise<Row>][] = [
  ['hop', hop],
  ['fan-out', fanOut],
  ['queue', queue],
  ['the engine gone', engineGone],
  ['a node killed', nodeKilled],
];

async function measureLine(
  line: Line,
  { database, users }: { readonly database: Database; readonly users: readonly SeededUser[] },
  tables: ReadonlyMap<string, Row[]>,
  options: Options,
): Promise<void> {
  const engine = await line.start?.();
  const all: Carillon[] = [];
  try {
    const environment = { RELAY_URL: engine?.url ?? 'postgres' };
    for (let i = 0; i < 3; i++) all.push(await startCarillon({ databaseUrl: database.url, environment }));
    const [here, there] = all;
    if (!here || !there) throw new RangeError('There are no nodes');
    for (const [title, measure] of parts) {
      const row = await measure({ all, here, there, users, engine }, options);
      tables.get(title)?.push({ line: line.name, ...row });
    }
  } finally {
    await Promise.all(all.map((node) => node.stop()));
    await engine?.end();
  }
}

async function hop(joined: Joined, options: Options): Promise<Row> {
  const [same, other] = await bothWays(joined, { subscribers: 1, window: 1 }, options);
  return {
    'same node p50 ms': same.latency.p50,
    'same node p99 ms': same.latency.p99,
    'other node p50 ms': other.latency.p50,
    'other node p99 ms': other.latency.p99,
    'more p50 ms': other.latency.p50 - same.latency.p50,
    'more p99 ms': other.latency.p99 - same.latency.p99,
    delivered: other.deliveries,
    expected: other.messages,
  };
}

async function fanOut(joined: Joined, options: Options): Promise<Row> {
  const [same, other] = await bothWays(joined, { subscribers: SUBSCRIBERS, window: 32 }, options);
  return {
    'same node/s': Math.round((same.deliveries / same.elapsedMs) * 1_000),
    'other node/s': Math.round((other.deliveries / other.elapsedMs) * 1_000),
    'times the same': other.deliveries / other.elapsedMs / (same.deliveries / same.elapsedMs),
    delivered: other.deliveries,
    expected: other.messages * SUBSCRIBERS,
  };
}

async function bothWays(
  { here, there }: Joined,
  setting: { readonly subscribers: number; readonly window: number },
  { seconds }: Options,
) {
  const measure = async (subscribers: Carillon) => {
    const load = await startLoad<typeof prepareFanout>('fanout', {
      ...setting,
      ...{ door: subscribers.door, publisher: here.door, bodyBytes: BODY_BYTES, seconds },
    });
    const result = await load.run();
    await load.stop();
    return result;
  };
  return [await measure(here), await measure(there)] as const;
}

async function queue({ here, there }: Joined, { seconds }: Options): Promise<Row> {
  const measure = async (consumer: Carillon) => {
    const load = await startLoad<typeof prepareQueue>('queue-through', {
      destination: `/queue/bench-${Date.now()}`,
      ...{ publisher: here.door, consumer: consumer.door, bodyBytes: BODY_BYTES, seconds },
      ...{ publishers: 8, consumers: 8, window: 2_000 },
    });
    const result = await load.run();
    await load.stop();
    return { ...result, perSecond: (result.acknowledged / result.elapsedMs) * 1_000 };
  };
  const [same, other] = [await measure(here), await measure(there)];
  return {
    'same node/s': Math.round(same.perSecond),
    'other node/s': Math.round(other.perSecond),
    'times the same': other.perSecond / same.perSecond,
    'p50 ms': other.latency.p50,
    'p99 ms': other.latency.p99,
    sends: other.sends,
    acknowledged: other.acknowledged,
  };
}

async function engineGone(joined: Joined): Promise<Row> {
  const { engine } = joined;
  // PostgreSQL has the alerts too.
  if (!engine) return troubled([], { 'worst meanwhile ms': NaN, 'topics again after s': NaN });
  let [gone, back] = [0, 0];
  const { alerts, heardAt } = await withAlerts(joined, 3 + ENGINE_GONE_MS / 1_000 + 15, async () => {
    gone = now();
    await engine.kill();
    await sleep(ENGINE_GONE_MS);
    await engine.restart();
    back = now();
  });
  const meanwhile = alerts.filter(({ sentAt }) => sentAt >= gone && sentAt < back);
  const again = heardAt.find((at) => at > back) ?? NaN;
  return troubled(alerts, {
    'worst meanwhile ms': Math.max(...meanwhile.map(({ latencyMs }) => latencyMs ?? Infinity)),
    'topics again after s': (again - back) / 1_000,
  });
}

async function nodeKilled(joined: Joined): Promise<Row> {
  let killed = 0;
  const { alerts } = await withAlerts(joined, 12, () => {
    killed = now();
    joined.all[2]?.server.kill();
    return Promise.resolve();
  });
  const before = alerts.filter(({ sentAt }) => sentAt < killed);
  return troubled(alerts, {
    'p99 before ms': p99Of(before),
    'p99 below 100 ms after s': secondsUntilCalm(alerts, killed),
  });
}

function troubled(alerts: readonly Alert[], figures: Row): Row {
  const accepted = alerts.filter(({ status }) => status === 201);
  return {
    ...figures,
    refused: alerts.length - accepted.length,
    accepted: accepted.length,
    lost: accepted.filter(({ latencyMs }) => latencyMs === undefined).length,
  };
}

async function withAlerts({ all, here, there, users }: Joined, seconds: number, strike: () => Promise<void>) {
  const recipients = users.map(({ id, token }): Recipient => {
    const doors = all.map(({ door }) => ({ ...door, credentials: [bearer(token)] }));
    return { id, doors };
  });
  const token = here.door.credentials[0]?.['Authorization']?.replace('Bearer ', '') ?? '';
  const load = await startLoad<typeof prepareTrouble>('alerts-in-trouble', {
    urls: [here.url, there.url],
    topic: { from: here.door, to: there.door },
    perSecond: ALERTS_PER_SECOND,
    ...{ token, recipients, seconds },
  });
  const [result] = await Promise.all([load.run(), sleep(TROUBLE_AFTER_MS).then(strike)]);
  await load.stop();
  return result;
}

/** From then on no second's p99 is over 100 ms. */
function secondsUntilCalm(alerts: readonly Alert[], since: number): number {
  const last = Math.max(...alerts.map(({ sentAt }) => sentAt));
  let calm = 0;
  for (let second = 0; since + second * 1_000 < last; second++) {
    const from = since + second * 1_000;
    if (p99Of(alerts.filter(({ sentAt }) => sentAt >= from && sentAt < from + 1_000)) > AWAITED_P99_MS)
      calm = second + 1;
  }
  return calm;
}

function p99Of(alerts: readonly Alert[]): number {
  const sorted = alerts.map(({ latencyMs }) => latencyMs ?? Infinity).toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? NaN;
}
