import { bearer, doorOf } from '../carillon-door.js';
import { raisedSettings } from '../carillon-settings.js';
import { createSqlite } from '../databases.js';
import { median } from '../figures.js';
import { freePort } from '../free-port.js';
import { startLoad } from '../load.js';
import type { PersonalJob, PersonalResult } from '../loads/personal.js';
import type { prepare as prepareSockets } from '../loads/personal-sockets.js';
import type { Options } from '../options.js';
import { seedUsers } from '../seeded-users.js';
import type { Row, Shape } from '../shape.js';
import { timesCarillon } from '../side-by-side.js';

const USERS = 1_000;
const PER_SECOND = 10_000;
const BODY_BYTES = 100;

/** Who sends, by the name of the module in loads/. */
const all = [
  { server: 'carillon', module: 'personal-carillon' },
  { server: 'ws', module: 'personal-bare' },
];

export const personal: Shape = {
  name: 'personal',
  about:
    `${USERS} users, each with one socket and a subscription of a queue of his own; an application sends ${BODY_BYTES} bytes to ` +
    `one of them after the other, by chance, ${PER_SECOND} a second: with \`convertAndSendToUser\`, in the process that ` +
    'holds the sockets. CPU is of that process, all its threads, for each message; `load` is of the one that reads them. `ws` is the floor: a bare `ws` server ' +
    'that finds the socket in an array, and does nothing but `send`.',
  aims: ["at most 1.5 times the floor's CPU"],

  async run(options) {
    const users = options.clients ?? USERS;
    const senders = all.filter(({ server }) => options.peers?.includes(server) ?? true);
    const runs = senders.map((): Figures[] => []);
    for (let round = 0; round < options.repeat; round++)
      for (const [i, { module }] of senders.entries()) runs[i]?.push(await measure(module, users, options));
    const measured = senders.map(({ server }, i) => ({
      ...median(runs[i] ?? [], ({ cpuMicros }) => cpuMicros),
      server,
    }));
    const rows = measured.map((one): Row => ({
      server: one.server,
      'CPU µs per message': one.cpuMicros,
      'times Carillon': timesCarillon(measured, one, ({ cpuMicros }) => cpuMicros),
      'p50 ms': one.latency.p50,
      'p99 ms': one.latency.p99,
      'bytes each': Math.round(one.bytesEach),
      'load µs': one.loadMicros,
      delivered: one.delivered,
      expected: one.sent,
    }));
    return { tables: [{ title: `${users} users`, rows }], remarks: [raisedSettings] };
  },
};

type Figures = Awaited<ReturnType<typeof measure>>;

async function measure(module: string, count: number, { seconds }: Options) {
  const database = await createSqlite();
  try {
    const users = await seedUsers(database.url, count);
    const port = await freePort();
    const sender = await startLoad<(job: PersonalJob) => Promise<() => Promise<PersonalResult>>>(module, {
      databaseUrl: database.url,
      port,
      users: users.map(({ email }) => email),
      perSecond: PER_SECOND,
      bodyBytes: BODY_BYTES,
      seconds,
    });
    const sockets = await startLoad<typeof prepareSockets>('personal-sockets', {
      door: {
        ...doorOf(`http://127.0.0.1:${port}`, 'websocket'),
        credentials: users.map(({ token }) => bearer(token)),
      },
      users: count,
    });
    const hearing = sockets.run();
    const { sent, cpuMicros } = await sender.run();
    const { delivered, bytesEach, latency, loadCpuMicros } = await hearing;
    await Promise.all([sockets.stop(), sender.stop()]);
    return { sent, cpuMicros, delivered, bytesEach, latency, loadMicros: loadCpuMicros / delivered };
  } finally {
    await database.drop();
  }
}
