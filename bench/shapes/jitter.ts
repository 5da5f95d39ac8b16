import { bearer, doorOf } from '../carillon-door.js';
import { raisedSettings } from '../carillon-settings.js';
import { createSqlite } from '../databases.js';
import { median } from '../figures.js';
import { freePort } from '../free-port.js';
import { startLoad } from '../load.js';
import type { prepare as prepareClients } from '../loads/jitter-clients.js';
import type { prepare as prepareNotify } from '../loads/jitter-notify.js';
import type { Options } from '../options.js';
import { seedUsers } from '../seeded-users.js';
import type { Row, Shape } from '../shape.js';

const CLIENTS = 1_000;
const PER_SECOND = 2;
const CUT_AFTER_MS = 15_000;
const AWAY_MS = 2_000;

export const jitter: Shape = {
  name: 'jitter',
  about:
    `${CLIENTS} users, each with one WebSocket and a subscription of his notifications, who get ${PER_SECOND} a second each, for a minute: ` +
    'an application notifies one after the other (`sendNotification`, SQLite). Their TCP connections are reset ' +
    `${CUT_AFTER_MS / 1_000} s after they came, give or take a half; ${AWAY_MS / 1_000} s later they are back with the cursor of ` +
    'what they got last. `replay` is from the connect(2) to the last row of what was missed, CONNECT with a JWT included. CPU is of the process ' +
    'that notifies and holds the sockets, `load` is of the clients. `lost` and `twice` are by the numbers of the rows, which have no holes.',
  aims: ['100 % delivered, none twice', 'replay p99: 500 ms'],
  // 120 notifications for each.
  seconds: 60,

  async run(options) {
    const clients = options.clients ?? CLIENTS;
    const runs: Figures[] = [];
    for (let round = 0; round < options.repeat; round++) runs.push(await measure(clients, options));
    const one = median(runs, ({ replay }) => replay.p99);
    const expected = clients * one.each;
    const row: Row = {
      clients,
      'notifications each': one.each,
      cuts: one.cuts,
      'replay p50 ms': one.replay.p50,
      'replay p99 ms': one.replay.p99,
      'replay max ms': one.replay.max,
      'CPU % of a core': one.cpuPercent,
      'load % of a core': one.loadPercent,
      lost: expected - one.delivered,
      twice: one.duplicates,
      delivered: one.delivered,
      expected,
      'delivered %': (one.delivered / expected) * 100,
    };
    return { tables: [{ title: `${clients} clients`, rows: [row] }], remarks: [raisedSettings] };
  },
};

type Figures = Awaited<ReturnType<typeof measure>>;

async function measure(count: number, { seconds }: Options) {
  const database = await createSqlite();
  const each = Math.ceil(seconds * PER_SECOND);
  try {
    const users = await seedUsers(database.url, count);
    const port = await freePort();
    const sender = await startLoad<typeof prepareNotify>('jitter-notify', {
      databaseUrl: database.url,
      port,
      users: users.map(({ id }) => id),
      each,
      perSecond: PER_SECOND,
    });
    const clients = await startLoad<typeof prepareClients>('jitter-clients', {
      door: {
        ...doorOf(`http://127.0.0.1:${port}`, 'websocket'),
        credentials: users.map(({ token }) => bearer(token)),
      },
      clients: count,
      each,
      cutAfterMs: CUT_AFTER_MS,
      awayMs: AWAY_MS,
    });
    const living = clients.run();
    const { elapsedMs, loadCpuMicros } = await sender.run();
    const lived = await living;
    await Promise.all([clients.stop(), sender.stop()]);
    return {
      ...lived,
      each,
      cpuPercent: (loadCpuMicros / (elapsedMs * 1_000)) * 100,
      loadPercent: (lived.loadCpuMicros / (lived.elapsedMs * 1_000)) * 100,
    };
  } finally {
    await database.drop();
  }
}
