import { closeOf, type Attacker } from '../attacker.js';
import type { Scenario } from '../scenario.js';

const MIB = 1024 * 1024;

export const bodies: Scenario = {
  name: 'bodies',
  kind: 2,
  about: 'Sends bodies of up to 64 MB to every path, in chunks from one byte on, or with their length.',
  async attack(attacker) {
    const known: readonly Load[] = [
      { method: 'POST', path: '/ws/chunking_test', bytes: 64 * MIB },
      { method: 'POST', path: '/api/auth/login', bytes: 64 * MIB, chunk: 64 * 1024 },
      { method: 'POST', path: '/api/auth/login', bytes: 4 * MIB, chunk: 1 },
      { method: 'POST', path: sendingPath, bytes: 8 * MIB, chunk: 1 },
    ];
    // Sessions to send to: without one a POST is refused by its path.
    await attacker.repeat(() => openSession(attacker), { limit: SESSIONS });
    await attacker.repeat(async (round) => send(attacker, known[round] ?? drawn(attacker)), { atOnce: 10 });
  },
};

interface Load {
  readonly method: string;
  readonly path: string;
  readonly bytes: number;
  /** Bytes of each chunk; without, the body comes with its length. */
  readonly chunk?: number;
}

function drawn({ random }: Attacker): Load {
  return {
    method: random.pick(['POST', 'PUT', 'PATCH', 'GET', 'DELETE', 'OPTIONS']),
    path: random.pick(paths),
    bytes: random.magnitude(MIB, 64 * MIB),
    ...(random.chance(0.7) && { chunk: random.magnitude(1, 64 * 1024) }),
  };
}

const SESSIONS = 5;
const sendingPath = '/ws/0/attack0/xhr_send';

const paths = [
  '/ws/chunking_test',
  '/ws//chunking_test',
  '/ws/./chunking_test',
  '/ws/%63hunking_test',
  '/ws/chunking_test/',
  '/ws/chunking_test?x=/ws/a/b/xhr_send',
  '//ws/chunking_test',
  'http://127.0.0.1/ws/chunking_test',
  '/ws/info',
  ...Array.from({ length: SESSIONS }, (_, i) => `/ws/0/attack${i}/xhr_send`),
  '/ws/000/abc/xhr_send',
  '/ws/000/abc/jsonp_send',
  '/ws/000/abc/xhr',
  '/ws/000/abc/xhr_streaming',
  '/ws/iframe.html',
  '/ws',
  '/stomp',
  '/livez',
  '/metrics',
  '/',
  '/nothing',
  '/api/nothing',
  '/api/docs/x',
  '/api/auth/login',
  '/api/auth/register',
  '/api/appointments',
  '/api/notifications/ack',
];

let opened = 0;

/** One that stays open, with its first answer unread. */
async function openSession(attacker: Attacker): Promise<void> {
  const socket = await attacker.connect();
  socket?.write(attacker.request('POST', `/ws/0/attack${opened++ % SESSIONS}/xhr_streaming`, { body: '' }));
}

async function send(attacker: Attacker, { method, path, bytes, chunk }: Load): Promise<void> {
  const socket = await attacker.connect();
  if (!socket) return;
  const closed = closeOf(socket);
  let answer = '';
  socket.on('data', (piece: Buffer) => (answer ||= piece.toString('latin1', 9, 12)));
  socket.write(
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${attacker.job.port}\r\nContent-Type: application/json\r\n` +
      (chunk === undefined ? `Content-Length: ${bytes}\r\n\r\n` : 'Transfer-Encoding: chunked\r\n\r\n'),
  );
  const { wire, carried } = pieceOf(chunk);
  for (let sent = 0; sent < bytes && !socket.destroyed && !attacker.isOver; sent += carried) {
    const isLast = chunk === undefined && bytes - sent < carried;
    const written = new Promise((resolve) =>
      socket.write(isLast ? wire.subarray(0, bytes - sent) : wire, resolve),
    );
    await Promise.race([written, closed, attacker.pause(3_000)]);
  }
  if (chunk !== undefined && !socket.destroyed) socket.write('0\r\n\r\n');
  if (answer === '') await Promise.race([closed, attacker.pause(500)]);
  attacker.count(answer || (socket.destroyed ? 'closed' : 'no answer'));
  socket.destroy();
}

/** What goes out in one write, and how much of a body it carries. */
function pieceOf(chunk: number | undefined): { readonly wire: Buffer; readonly carried: number } {
  if (chunk === undefined) return { wire: Buffer.alloc(WRITE_BYTES, '['), carried: WRITE_BYTES };
  const one = `${chunk.toString(16)}\r\n${'['.repeat(chunk)}\r\n`;
  const count = Math.ceil(WRITE_BYTES / one.length);
  return { wire: Buffer.from(one.repeat(count)), carried: count * chunk };
}

const WRITE_BYTES = 64 * 1024;
