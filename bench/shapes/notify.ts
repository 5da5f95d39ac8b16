import { raisedSettings } from '../carillon-settings.js';
import { createPostgres, createSqlite, type Database } from '../databases.js';
import { startLoad } from '../load.js';
import type { prepare as prepareInProcess } from '../loads/notify-in-process.js';
import type { prepare as prepareHttp, Recipient } from '../loads/notify-http.js';
import type { prepare as prepareReplay } from '../loads/replay.js';
import type { prepare as prepareSeed } from '../loads/seed.js';
import type { Options } from '../options.js';
import { seedUsers } from '../seeded-users.js';
import { signIn, startCarillon, type Carillon } from '../peers/carillon.js';
import type { Row, Shape, Table } from '../shape.js';
import { NotHereError } from '../target.js';

const CALLERS = [1, 64];
/** Nodes that write into the same inboxes, on PostgreSQL: 64 callers each. */
const NODES = 3;
const RECIPIENTS = 8;
const PASSWORD = 'of a user that lives for a minute';

export const notify: Shape = {
  name: 'notify',
  about:
    `Durable notifications to ${RECIPIENTS} users. In process: \`NotificationService.sendNotification\`, each caller ` +
    'again when the last is committed, nobody connected; with several nodes on PostgreSQL they write into the same inboxes, and ' +
    'the rate is that of all together; `commits` are transactions for each notification, on SQLite (WAL, ' +
    'synchronous=FULL) an fsync each. Over HTTP: POST /api/notifications, rung on a WebSocket of each user; `row to push` ' +
    "counts from the row's timestamp, which is taken before its INSERT, and so includes the commit. Replay: one user asks for " +
    'all rows of his inbox over STOMP (`since:earliest`) while somebody else sends himself a message every 2 ms. `loop` is ' +
    "the delay of the server's event loop, with the sampling interval of 1 ms in it.",
  aims: [
    'in process at 64 callers on SQLite: 10,000/s',
    'over HTTP: 2,000/s',
    'replay: 50,000 rows/s',
    "the event loop's p99.9: 20 ms",
  ],

  async run(options) {
    const tables: Table[] = [];
    const remarks = new Set([raisedSettings]);
    for (const [title, measure] of parts.filter(
      ([title]) => options.only === undefined || title.includes(options.only),
    )) {
      const rows: Row[] = [];
      for (const create of [createSqlite, () => createPostgres(options.postgres)]) {
        try {
          rows.push(...(await on(create, (database) => measure(database, options))));
        } catch (error) {
          if (!(error instanceof NotHereError)) throw error;
          remarks.add(`PostgreSQL was skipped: ${error.message}`);
        }
      }
      tables.push({ title, rows });
    }
    return { tables, remarks: [...remarks] };
  },
};

/** What each table measures, on a database of its own. */
const parts: readonly [title: string, measure: (database: Database, options: Options) => Promise<Row[]>][] = [
  ['in process', inProcess],
  ['from POST to push', overHttp],
  ['replay', replay],
];

async function on<T>(create: () => Promise<Database>, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await create();
  try {
    return await work(database);
  } finally {
    await database.drop();
  }
}

async function inProcess(database: Database, options: Options): Promise<Row[]> {
  const recipients = (await seedUsers(database.url, RECIPIENTS)).map(({ id }) => id);
  const rows: Row[] = [];
  for (const callers of CALLERS) rows.push(await send(database, recipients, 1, callers, options));
  if (database.name === 'PostgreSQL') rows.push(await send(database, recipients, NODES, 64, options));
  return rows;
}

async function send(
  database: Database,
  recipients: readonly number[],
  nodes: number,
  callers: number,
  { seconds }: Options,
): Promise<Row> {
  const job = { databaseUrl: database.url, callers, recipients, seconds };
  const loads = await Promise.all(
    Array.from({ length: nodes }, () => startLoad<typeof prepareInProcess>('notify-in-process', job)),
  );
  const results = await Promise.all(loads.map((load) => load.run()));
  await Promise.all(loads.map((load) => load.stop()));
  const notifications = sum(results.map((result) => result.notifications));
  return {
    database: database.name,
    nodes,
    callers,
    'notifications/s': Math.round(
      sum(results.map((result) => (result.notifications / result.elapsedMs) * 1_000)),
    ),
    'p50 ms': Math.max(...results.map(({ latency }) => latency.p50)),
    'p99 ms': Math.max(...results.map(({ latency }) => latency.p99)),
    'CPU µs': sum(results.map(({ loadCpuMicros }) => loadCpuMicros)) / notifications,
    commits: sum(results.map(({ commits }) => commits)) / notifications,
    'loop p99.9 ms': Math.max(...results.map(({ loopP999Ms }) => loopP999Ms)),
    'loop max ms': Math.max(...results.map(({ loopMaxMs }) => loopMaxMs)),
    notifications,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

async function overHttp(database: Database, options: Options): Promise<Row[]> {
  const carillon = await startCarillon({ databaseUrl: database.url });
  try {
    const recipients = await Promise.all(Array.from({ length: RECIPIENTS }, (_, i) => register(carillon, i)));
    const rows: Row[] = [];
    for (const callers of CALLERS)
      rows.push({ database: database.name, ...(await post(carillon, recipients, callers, options)) });
    return rows;
  } finally {
    await carillon.stop();
  }
}

async function post(
  carillon: Carillon,
  recipients: readonly Recipient[],
  callers: number,
  { seconds }: Options,
): Promise<Row> {
  const token = await signIn(carillon.url, 'operator@example.org');
  const load = await startLoad<typeof prepareHttp>('notify-http', {
    url: carillon.url,
    token,
    recipients,
    callers,
    seconds,
  });
  await carillon.server.watchLoop(1);
  const before = await carillon.server.read();
  const { posts, pushes, answer, push, rowToPush, elapsedMs, loadCpuMicros } = await load.run();
  const after = await carillon.server.read();
  await load.stop();
  return {
    callers,
    'notifications/s': Math.round((posts / elapsedMs) * 1_000),
    '201 p50 ms': answer.p50,
    '201 p99 ms': answer.p99,
    'push p50 ms': push.p50,
    'push p99 ms': push.p99,
    'row to push p50 ms': rowToPush.p50,
    'row to push p99 ms': rowToPush.p99,
    'CPU µs': (after.cpuMicros - before.cpuMicros) / posts,
    'load µs': loadCpuMicros / posts,
    'loop p99.9 ms': after.loopP999Ms,
    posts,
    pushes,
  };
}

async function register({ url, door }: Carillon, i: number): Promise<Recipient> {
  const email = `bench-${i}@example.org`;
  const answer = await fetch(`${url}/api/auth/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD, name: 'Bea Bench' }),
  });
  if (answer.status !== 201) throw new Error(`${email} could not register: ${answer.status}`);
  const { id } = (await answer.json()) as { id: number };
  const token = await signIn(url, email, PASSWORD);
  return { id, door: { ...door, credentials: [{ Authorization: `Bearer ${token}` }] } };
}

async function replay(database: Database, options: Options): Promise<Row[]> {
  const email = 'patient@example.org';
  const seed = await startLoad<typeof prepareSeed>('seed', {
    databaseUrl: database.url,
    email,
    rows: options.rows,
  });
  await seed.run();
  await seed.stop();

  const carillon = await startCarillon({ databaseUrl: database.url });
  try {
    const load = await startLoad<typeof prepareReplay>('replay', {
      reader: {
        ...carillon.door,
        credentials: [{ Authorization: `Bearer ${await signIn(carillon.url, email)}` }],
      },
      rows: options.rows,
      bystander: carillon.door,
    });
    await carillon.server.watchLoop(1);
    const before = await carillon.server.read();
    const { rows, bystander, elapsedMs, loadCpuMicros } = await load.run();
    const after = await carillon.server.read();
    await load.stop();
    const row = {
      database: database.name,
      'rows/s': Math.round((rows / elapsedMs) * 1_000),
      'CPU µs per row': (after.cpuMicros - before.cpuMicros) / rows,
      'load µs': loadCpuMicros / rows,
      'others p50 ms': bystander.p50,
      'others p99 ms': bystander.p99,
      'others max ms': bystander.max,
      'loop p99.9 ms': after.loopP999Ms,
      'loop max ms': after.loopMaxMs,
      rows,
      expected: options.rows,
    };
    return [row];
  } finally {
    await carillon.stop();
  }
}
