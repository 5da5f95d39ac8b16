import { bearer, doorOf } from '../carillon-door.js';
import { raisedSettings } from '../carillon-settings.js';
import { startLoad } from '../load.js';
import type { prepare } from '../loads/alerts-for-many.js';
import { median } from '../figures.js';
import { signIn, startCarillon, type Carillon } from '../peers/carillon.js';
import type { Row, Shape } from '../shape.js';
import type { Transport } from '../target.js';

const USERS = 1_000;
/** Nobody's, to see what storing alone costs; then by each transport. */
const AUDIENCES = [
  ['nobody', undefined],
  ['STOMP', 'websocket'],
  ['SockJS', 'sockjs-websocket'],
  ['SSE', 'event-stream'],
  ['JSON', 'json'],
  ['Socket.IO', 'socket.io'],
] as const satisfies readonly (readonly [string, Transport | undefined])[];

export const mixed: Shape = {
  name: 'mixed',
  about:
    `Each of ${USERS} users gets a notification, all in one batch (POST /api/notifications/batch, SQLite), and the next batch when all have ` +
    "arrived. They are connected by one transport after the other, each with one connection that follows the own inbox. CPU is the server's, all its " +
    'threads, for each notification; `to deliver` is what is above that of `nobody`, where nobody is connected.',
  aims: ["JSON: at most STOMP's CPU"],

  async run(options) {
    const users = options.clients ?? USERS;
    const carillon = await startCarillon({ users });
    try {
      const token = await signIn(carillon.url, 'operator@example.org');
      const measured: Measured[] = [];
      for (const [name, transport] of AUDIENCES.filter(([one]) => one.includes(options.only ?? ''))) {
        const runs: Measured[] = [];
        for (let i = 0; i < options.repeat; i++)
          runs.push(await measure(carillon, { name, transport, token, seconds: options.seconds }));
        measured.push(median(runs, ({ cpuMicros }) => cpuMicros));
      }
      const rows = measured.map((one) => rowOf(one, measured));
      return { tables: [{ title: `${users} users`, rows }], remarks: [raisedSettings] };
    } finally {
      await carillon.stop();
    }
  },
};

interface Audience {
  readonly name: string;
  readonly transport: Transport | undefined;
  readonly token: string;
  readonly seconds: number;
}

type Measured = Awaited<ReturnType<typeof measure>>;

async function measure({ url, users, server }: Carillon, { name, transport, token, seconds }: Audience) {
  const credentials = users.map((user) => bearer(user.token));
  const load = await startLoad<typeof prepare>('alerts-for-many', {
    url,
    token,
    userIds: users.map(({ id }) => id),
    ...(transport && { door: { ...doorOf(url, transport), credentials } }),
    seconds,
  });
  const before = await server.read();
  const { posted, deliveries, elapsedMs } = await load.run();
  const after = await server.read();
  await load.stop();
  return {
    name,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / posted,
    perSecond: (posted / elapsedMs) * 1_000,
    deliveries,
    expected: transport ? posted : 0,
  };
}

function rowOf(
  { name, cpuMicros, perSecond, deliveries, expected }: Measured,
  all: readonly Measured[],
): Row {
  const cpuOf = (audience: string): number => all.find((one) => one.name === audience)?.cpuMicros ?? NaN;
  const toDeliver = cpuMicros - cpuOf('nobody');
  return {
    transport: name,
    'CPU µs': cpuMicros,
    'to deliver': toDeliver,
    'times STOMP': toDeliver / (cpuOf('STOMP') - cpuOf('nobody')),
    'notifications/s': Math.round(perSecond),
    delivered: deliveries,
    expected,
  };
}
