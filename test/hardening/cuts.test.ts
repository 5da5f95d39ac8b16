import { once } from 'node:events';
import { connect } from 'node:net';
import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, type RawData } from 'ws';
import { TransportNode } from '../transport-node.js';

let node: TransportNode;
let tcpPort: number;
beforeAll(async () => {
  node = await TransportNode.start();
  tcpPort = (await node.transports.listenTcp(0, '127.0.0.1')).port;
});
afterAll(() => node.stop());

/** How pieces of text, or of bytes, go to the server, each as a message or a part of one; then the connection stays. */
type Send<Piece> = (pieces: readonly Piece[]) => Promise<() => void>;

const overText: readonly (readonly [name: string, send: Send<string>])[] = [
  ['SockJS over WebSocket, a message each', (pieces) => overSockJs(pieces.map((piece) => asJson([piece])))],
  [
    'SockJS over WebSocket, strings without an array',
    (pieces) => overSockJs(pieces.map((piece) => asJson(piece))),
  ],
  ['SockJS over WebSocket, all in one array', (pieces) => overSockJs([asJson(pieces)])],
  [
    'SockJS xhr_send',
    (pieces) =>
      overPosts(
        'xhr',
        'xhr_send',
        'text/plain',
        pieces.map((piece) => asJson([piece])),
      ),
  ],
  [
    'SockJS xhr_send, streaming, two strings a post',
    (pieces) => overPosts('xhr_streaming', 'xhr_send', 'text/plain', pairs(pieces).map(asJson)),
  ],
  [
    'SockJS jsonp_send',
    (pieces) =>
      overPosts(
        'jsonp?c=x',
        'jsonp_send',
        'application/x-www-form-urlencoded',
        pieces.map((piece) => `d=${encodeURIComponent(asJson([piece]))}`),
      ),
  ],
];

const overBytes: readonly (readonly [name: string, send: Send<Buffer>])[] = [
  ['TCP', overTcp],
  [
    'WebSocket, binary messages',
    (pieces) => overWebSocket((socket) => pieces.forEach((one) => socket.send(one))),
  ],
  [
    'WebSocket, fragments of one text message',
    (pieces) => overWebSocket((socket) => fragmented(socket, pieces, false)),
  ],
  [
    'WebSocket, fragments of one binary message',
    (pieces) => overWebSocket((socket) => fragmented(socket, pieces, true)),
  ],
];

describe('a frame that is cut anywhere arrives whole', () => {
  it.each(overText)('over %s, between the halves of a pair too', async (_, send) => {
    await fc.assert(
      fc.asyncProperty(bodies, cuts, async (sent, where) => {
        expect(await arrived(sent, (stream) => send(cut(stream, where)))).toEqual(sent);
      }),
      RUNS,
    );
  });

  it.each(overBytes)('over %s, in the middle of a character too', async (_, send) => {
    await fc.assert(
      fc.asyncProperty(bodies, cuts, async (sent, where) => {
        expect(await arrived(sent, (stream) => send(cut(Buffer.from(stream), where)))).toEqual(sent);
      }),
      RUNS,
    );
  });

  it('over WebSocket text messages, each of whole characters', async () => {
    await fc.assert(
      fc.asyncProperty(bodies, cuts, async (sent, where) => {
        const send: Send<string[]> = (pieces) =>
          overWebSocket((socket) => pieces.forEach((piece) => socket.send(piece.join(''))));
        expect(await arrived(sent, (stream) => send(cut(Array.from(stream), where)))).toEqual(sent);
      }),
      RUNS,
    );
  });
});

describe('text that is none', () => {
  it('is no message of a SockJS WebSocket, in a binary one neither', async () => {
    const socket = new WebSocket(node.url(`/ws/000/${randomUUID()}/websocket`, 'ws'));
    await once(socket, 'open');
    socket.send(Buffer.concat([Buffer.from('["'), Buffer.from([0xf0, 0x9f]), Buffer.from('"]')]));

    const [code] = (await once(socket, 'close')) as [number];

    expect(code).toBe(3000);
  });

  it('is no post', async () => {
    const session = node.url(`/ws/000/${randomUUID()}`);
    await (await fetch(`${session}/xhr`, { method: 'POST' })).text();
    const body = Buffer.concat([Buffer.from('["'), Buffer.from([0xf0, 0x9f]), Buffer.from('"]')]);

    expect((await fetch(`${session}/xhr_send`, { method: 'POST', body })).status).toBe(400);
  });
});

const bodies = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.stringMatching(/^[\r\n\0😀ü✓𝄞:\\]{0,8}$/u),
    fc.constantFrom('😀', '😀😀', '\r\n', 'grün ✓ \u{1f469}\u200d\u{1f52c}'),
  ),
  { minLength: 1, maxLength: 4 },
);
/** Far longer than anything takes; what doesn't come at all isn't looked for in smaller cases. */
const PATIENCE_MS = 2_000;
const RUNS = { numRuns: 25, endOnFailure: true };

const cuts = fc.array(fc.nat(10_000), { minLength: 4, maxLength: 40 });

/** What a subscriber gets of bodies that one connection sends, in frames of which no byte is where another one expects it. */
async function arrived(
  sent: readonly string[],
  send: (stream: string) => Promise<() => void>,
): Promise<string[]> {
  const topic = `/topic/${randomUUID()}`;
  const reader = new WebSocket(node.url('/stomp', 'ws'));
  const got: string[] = [];
  let wake = (): void => {};
  reader.on('message', (message: RawData) => {
    const text = (message as Buffer).toString();
    if (text.startsWith('MESSAGE')) got.push(text.slice(text.indexOf('\n\n') + 2, -1));
    else if (text.startsWith('ERROR')) got.push(text);
    wake();
  });
  await once(reader, 'open');
  const ready = new Promise<void>((resolve) => (wake = resolve));
  reader.send(`CONNECT\nlogin:ada\naccept-version:1.2\n\n\0SUBSCRIBE\nid:1\ndestination:${topic}\n\n\0`);
  await ready;

  const frames = sent.map((body) => {
    const length = Buffer.byteLength(body);
    return `SEND\r\ndestination:${topic}\r\nnote:ü😀\\r\r\ncontent-length:${length}\r\n\r\n${body}\0\r\n`;
  });
  const close = await send(`CONNECT\r\nlogin:ada\r\naccept-version:1.2\r\n\r\n\0\n\r\n${frames.join('')}`);
  const patience = setTimeout(() => reader.close(), PATIENCE_MS);
  reader.on('close', () => wake());
  while (got.length < sent.length && reader.readyState === WebSocket.OPEN)
    await new Promise<void>((resolve) => (wake = resolve));
  clearTimeout(patience);
  close();
  reader.terminate();
  return got;
}

/** Into pieces, none of them empty, that end at these places. */
function cut<T extends { readonly length: number; slice(from: number, to: number): T }>(
  whole: T,
  where: readonly number[],
): T[] {
  const ends = new Set([...where.map((one) => one % whole.length), whole.length].filter((end) => end > 0));
  const sorted = [0, ...[...ends].toSorted((a, b) => a - b)];
  return sorted.slice(1).map((end, i) => whole.slice(sorted[i] ?? 0, end));
}

/** With each half of a pair, and all else that isn't ASCII, escaped. */
function asJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function pairs(pieces: readonly string[]): string[][] {
  return pieces.flatMap((_, i) => (i % 2 === 0 ? [pieces.slice(i, i + 2)] : []));
}

async function overSockJs(messages: readonly string[]): Promise<() => void> {
  const socket = new WebSocket(node.url(`/ws/000/${randomUUID()}/websocket`, 'ws'));
  await once(socket, 'open');
  messages.forEach((message) => socket.send(message));
  return () => socket.terminate();
}

async function overWebSocket(send: (socket: WebSocket) => void): Promise<() => void> {
  const socket = new WebSocket(node.url('/stomp', 'ws'));
  await once(socket, 'open');
  send(socket);
  return () => socket.terminate();
}

function fragmented(socket: WebSocket, pieces: readonly Buffer[], binary: boolean): void {
  pieces.forEach((piece, i) => socket.send(piece, { binary, fin: i === pieces.length - 1 }));
}

async function overTcp(pieces: readonly Buffer[]): Promise<() => void> {
  const socket = connect(tcpPort, '127.0.0.1').setNoDelay();
  await once(socket, 'connect');
  for (const piece of pieces) {
    socket.write(piece);
    // Segments of their own, mostly.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return () => socket.destroy();
}

async function overPosts(
  receive: string,
  send: string,
  contentType: string,
  posts: readonly string[],
): Promise<() => void> {
  const session = node.url(`/ws/000/${randomUUID()}`);
  const method = receive.startsWith('jsonp') ? 'GET' : 'POST';
  const waiting = new AbortController();
  // The first response opens the session.
  const opened = await fetch(`${session}/${receive}`, { method, signal: waiting.signal });
  for (const body of posts) {
    const answer = await fetch(`${session}/${send}`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': contentType },
    });
    await answer.text();
  }
  return () => {
    waiting.abort();
    opened.body?.cancel().catch(() => {});
  };
}
