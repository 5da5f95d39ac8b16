import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import { frame } from '../../../bench/stomp-socket.js';
import { maskedFrame } from '../../../bench/wires/web-socket.js';
import type { Attacker } from '../attacker.js';
import type { Scenario } from '../scenario.js';
import type { StompLine } from '../stomp-line.js';

/** Frames in one write. */
const BURST = 2_000;

export const frames: Scenario = {
  name: 'frames',
  kind: 5,
  about:
    'Sends frames of every kind by the hundred thousand on a few connections, and reads few of the answers.',
  async attack(attacker) {
    const { random } = attacker;
    await attacker.repeat(
      async (round) => {
        const flood = floods[round] ?? random.pick(floods);
        const line = await attacker.stomp();
        if (!line) return attacker.pause(100);
        const isDeaf = random.chance(0.5);
        if (isDeaf) line.socket.pause();
        await attacker.repeat(async () => write(line, flood(attacker)), { limit: random.between(1, 30) });
        line.socket.resume();
        if (random.chance(0.5)) await line.done('SEND', seen, '{"ids":[1]}');
        line.socket.terminate();
      },
      { atOnce: 4 },
    );
  },
};

const seen = { destination: '/app/notifications.seen', 'content-type': 'application/json' };

const floods: readonly ((attacker: Attacker) => Buffer)[] = [
  // Each is a receipt that has to be written.
  () => many((i) => stomp('SEND', { ...seen, receipt: `r${i}` }, '{"ids":[1]}')),
  () =>
    many((i) =>
      i % 2 === 0
        ? stomp('SUBSCRIBE', { id: `${i}`, destination: '/user/queue/notifications', since: 'earliest' })
        : stomp('UNSUBSCRIBE', { id: `${i - 1}` }),
    ),
  () => many((i) => stomp('BEGIN', { transaction: `t${i}${'x'.repeat(200)}` })),
  () => many((i) => stomp('SEND', { ...seen, ...manyHeaders(i) }, '{"ids":[1]}')),
  () => many(() => stomp('ACK', { id: '0-nothing' })),
  () => many((i) => stomp('SEND', { ...seen, receipt: `${i}` }, '['.repeat(2_000))),
  () => many((i) => stomp('SUBSCRIBE', { id: `${i}`, destination: `/user/queue/${'d'.repeat(900)}${i}` })),
  () => many(() => maskedFrame(0x9, Buffer.alloc(125))),
  () => many(() => maskedFrame(0xa, Buffer.alloc(0))),
  () => many(() => maskedFrame(0x1, Buffer.from('\n'))),
  // A frame in pieces of one byte: the first not final, the others continuations.
  ({ random }) => fragments(stomp('SEND', seen, `{"ids":[${random.between(1, 9)}]}`)),
  // A body that never ends.
  () => many(() => maskedFrame(0x1, Buffer.alloc(1_000, 'SEND\n'))),
];

function many(one: (i: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: BURST }, (_, i) => one(i)));
}

function stomp(command: string, headers: Readonly<Record<string, string>>, body = ''): Buffer {
  return maskedFrame(0x1, frame(command, headers, body));
}

function manyHeaders(seed: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`h${i}-${seed}`, 'v'.repeat(50)]));
}

function fragments(message: Buffer): Buffer {
  const pieces = [...message].map((byte, i) => {
    const piece = maskedFrame(i === 0 ? 0x1 : 0x0, Buffer.of(byte));
    piece[0] = i === 0 ? 0x1 : 0x0;
    return piece;
  });
  return Buffer.concat([...pieces, maskedFrame(0x0, Buffer.alloc(0))]);
}

/** Past the client's own framing: what is sent is ours to forge. @returns when there is room for more, or a while later */
async function write({ socket, closed }: StompLine, bytes: Buffer): Promise<void> {
  const under = socketUnder(socket);
  if (!under || under.destroyed || under.write(bytes)) return;
  const drained = new Promise((resolve) => under.once('drain', resolve));
  await Promise.race([drained, closed, sleep(ROOM_MS)]);
}

/** For room in a socket that the node may read no more. */
const ROOM_MS = 500;

function socketUnder(socket: WebSocket): Socket | undefined {
  return (socket as unknown as { readonly _socket?: Socket })._socket;
}
