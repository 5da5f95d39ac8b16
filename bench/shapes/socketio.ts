import { raisedSettings } from '../carillon-settings.js';
import { startLoad } from '../load.js';
import type { prepare } from '../loads/chat.js';
import type { Options } from '../options.js';
import { otherHosts } from '../peers.js';
import { doorOf } from '../carillon-door.js';
import { signIn, startCarillon } from '../peers/carillon.js';
import { socketIo } from '../peers/socket-io.js';
import type { Outcome, Row, Shape } from '../shape.js';
import { sideBySide, timesCarillon } from '../side-by-side.js';
import type { Target } from '../target.js';
import { compareIdle } from './idle.js';

const MEMBERS = 100;
const WINDOW = 32;
const TEXT_BYTES = 100;
const IDLE = 1_000;

/** What one conversation may not have outside a measurement. */
const settings = {
  LIMIT_MESSAGES_PER_HOUR: '10000000',
  LIMIT_SOCKET_IO_EVENTS_PER_SECOND: '100000',
};

interface ChatTarget extends Target {
  readonly conversationId: number;
}

export const socketio: Shape = {
  name: 'socketio',
  about:
    `One conversation of ${MEMBERS} Socket.IO clients on WebSockets, who say ${TEXT_BYTES} characters in turn, with ${WINDOW} messages on ` +
    "their way. Carillon commits each message (SQLite), and tells its members how the conversation has changed, which is `others`; `socket.io` is the stock server with its in-memory adapter, which keeps nothing. CPU is the server's, all its threads, per `new-message` that arrived. " +
    'Idle connections: as in the shape `idle`; those of STOMP and JSON are subscribed to one topic, those of Socket.IO to what each of its users has.',
  aims: [
    'fan-out: at most 1.2 times the CPU of plain `socket.io`',
    "an idle JSON socket: at most a STOMP session's memory",
  ],

  async run(options) {
    const chat = isAsked(titleOf(options), options) ? [await compareChats(options)] : [];
    const idle = isAsked('connections', options)
      ? [await compareIdle(otherHosts, options.clients ?? IDLE, options)]
      : [];
    const outcomes = [...chat, ...idle];
    return {
      tables: outcomes.flatMap(({ tables }) => tables),
      remarks: [raisedSettings, ...outcomes.flatMap(({ remarks }) => remarks)],
    };
  },
};

function isAsked(title: string, { only }: Options): boolean {
  return only === undefined || title.includes(only);
}

function titleOf({ clients = MEMBERS }: Options): string {
  return `window ${WINDOW}, ${clients} members, ${TEXT_BYTES} characters`;
}

async function compareChats(options: Options): Promise<Outcome> {
  const { clients: members = MEMBERS, peers } = options;
  const targets: ChatTarget[] = [];
  if (peers?.includes('carillon-socketio') ?? true) targets.push(await startChat(members));
  if (peers?.includes('socket.io') ?? true)
    targets.push({ ...(await socketIo.start(members)), conversationId: 1 });
  try {
    const { measured, remarks } = await sideBySide(
      targets,
      options.repeat,
      (target) => measure(target as ChatTarget, members, options.seconds),
      ({ cpuMicros }) => cpuMicros,
    );
    const rows = measured.map((one): Row => ({
      server: one.server,
      'CPU µs per delivery': one.cpuMicros,
      'times Carillon': timesCarillon(measured, one, ({ cpuMicros }) => cpuMicros),
      'messages/s': Math.round(one.perSecond),
      'p50 ms': one.latency.p50,
      'p99 ms': one.latency.p99,
      'load µs': one.loadMicros,
      others: one.others,
      delivered: one.deliveries,
      expected: one.expected,
    }));
    const limits = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    return {
      tables: [{ title: titleOf(options), rows }],
      remarks: [...remarks, `In the conversation also ${limits.join(', ')}.`],
    };
  } finally {
    await Promise.all(targets.map((target) => target.stop()));
  }
}

/** Carillon with a conversation that an operator has begun, and in which they say nothing. */
async function startChat(members: number): Promise<ChatTarget> {
  const carillon = await startCarillon({ users: members - 1, environment: settings });
  const { url, users } = carillon;
  const token = await signIn(url, 'operator@example.org');
  const answer = await fetch(`${url}/api/conversations`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ memberIds: users.map(({ id }) => id) }),
  });
  if (answer.status !== 201) throw new Error(`The conversation was answered ${answer.status}`);
  const { id } = (await answer.json()) as { id: number };
  const credentials = [...carillon.door.credentials, { Authorization: `Bearer ${token}` }];
  return {
    ...carillon,
    name: 'carillon',
    door: { ...doorOf(url, 'socket.io'), credentials },
    conversationId: id,
  };
}

async function measure(target: ChatTarget, members: number, seconds: number) {
  const { door, conversationId } = target;
  const job = { door, members, conversationId, textBytes: TEXT_BYTES, window: WINDOW, seconds };
  const load = await startLoad<typeof prepare>('chat', job);
  const before = await target.read();
  const { messages, deliveries, others, latency, loadCpuMicros, elapsedMs } = await load.run();
  const after = await target.read();
  await load.stop();
  return {
    deliveries,
    others,
    expected: messages * members,
    latency,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / deliveries,
    loadMicros: loadCpuMicros / deliveries,
    perSecond: (messages / elapsedMs) * 1_000,
  };
}
