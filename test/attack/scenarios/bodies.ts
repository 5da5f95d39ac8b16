import type { Attacker } from '../attacker.js';
import type { Scenario } from '../scenario.js';

const MIB = 1024 * 1024;

export const bodies: Scenario = {
  name: 'bodies',
  kind: 2,
  about: 'Sends bodies of up to 64 MB to every path, in pieces of any size, with and without their length.',
  async attack(attacker) {
    const known: readonly Load[] = [
      { method: 'POST', path: '/ws/chunking_test', bytes: 64 * MIB, piece: 64 * 1024, isChunked: false },
      { method: 'POST', path: '/api/auth/login', bytes: 64 * MIB, piece: 64 * 1024, isChunked: true },
    ];
    await attacker.repeat(async (round) => send(attacker, known[round] ?? drawn(attacker)), { atOnce: 2 });
  },
};

interface Load {
  readonly method: string;
  readonly path: string;
  readonly bytes: number;
  /** Of each write. */
  readonly piece: number;
  readonly isChunked: boolean;
}

function drawn({ random }: Attacker): Load {
  return {
    method: random.pick(['POST', 'PUT', 'PATCH', 'GET', 'DELETE', 'OPTIONS']),
    path: random.pick(paths),
    bytes: random.magnitude(MIB, 64 * MIB),
    piece: random.magnitude(1_000, 256 * 1024),
    isChunked: random.chance(0.5),
  };
}

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

async function send(attacker: Attacker, { method, path, bytes, piece, isChunked }: Load): Promise<void> {
  const socket = await attacker.connect();
  if (!socket) return;
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer ||= chunk.toString('latin1', 9, 12)));
  const head =
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${attacker.job.port}\r\nContent-Type: application/json\r\n` +
    (isChunked ? 'Transfer-Encoding: chunked\r\n\r\n' : `Content-Length: ${bytes}\r\n\r\n`);
  socket.write(head);
  const filler = Buffer.alloc(piece, '[');
  for (let sent = 0; sent < bytes && !socket.destroyed && !attacker.isOver; sent += piece) {
    const wire = isChunked
      ? Buffer.concat([Buffer.from(`${piece.toString(16)}\r\n`), filler, Buffer.from('\r\n')])
      : filler.subarray(0, Math.min(piece, bytes - sent));
    await new Promise<void>((resolve) => {
      socket.once('close', resolve);
      socket.write(wire, () => {
        socket.off('close', resolve);
        resolve();
      });
    });
  }
  if (isChunked) socket.write('0\r\n\r\n');
  if (answer === '') await attacker.pause(500);
  attacker.count(answer || (socket.destroyed ? 'closed' : 'no answer'));
  socket.destroy();
}
