import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { signIn } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';
import { TransportNode } from '../transport-node.js';
import { freePort, waysIn, type Entrances, type RawClient } from './ways-in.js';

afterEach(stopServers);

/** Each is a LF, which SockJS writes in JSON. */
const FOUR_BEATS = /((\n|\\n)[^\n\\]*){4}/;
/** What agreed heart-beats and SockJS's patience allow is less than this. */
const LONGER_THAN_ANY_PATIENCE_MS = 4_000;

describe('a wall clock that is set', () => {
  it.each([30_000, -30_000])('by %i ms throws nobody out and silences nothing', async (stepMs) => {
    const entrances = await start({ CLOCK_STEP_MS: `${stepMs}` }, 'test/process/stepped-clock.mjs');
    const clients = await signedIn(entrances);
    const stream = await openStream(entrances.server);

    entrances.server.kill('SIGUSR2');
    await clockWasSet(entrances.server);

    // Longer than any of them may be silent, in beats of the server's.
    await Promise.all(clients.map(({ client }) => client.until(FOUR_BEATS)));
    await stream.beats(4);
    await Promise.all(clients.map(({ client }) => isServed(client)));
    clients.forEach(({ stop }) => stop());
    stream.close();
  });

  it.each([60_000, -60_000])('by %i ms ends no ticket and revives none', async (stepMs) => {
    const { server } = await start(
      { CLOCK_STEP_MS: `${stepMs}`, LIMIT_TICKET_MS: '2000' },
      'test/process/stepped-clock.mjs',
    );
    const [young, old] = [await ticketOf(server), await ticketOf(server)];

    server.kill('SIGUSR2');
    await clockWasSet(server);

    expect(await statusWith(server, young)).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await statusWith(server, old)).toBe(401);
  });
});

describe('a process that was paused', () => {
  it('reads what waits before it judges, so nobody is thrown out', async () => {
    const entrances = await start();
    const clients = await signedIn(entrances);

    entrances.server.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, LONGER_THAN_ANY_PATIENCE_MS));
    entrances.server.kill('SIGCONT');

    await Promise.all(clients.map(({ client }) => isServed(client)));
    clients.forEach(({ stop }) => stop());
  });
});

describe('a message that takes longer than the heart-beats allow', () => {
  let node: TransportNode;
  afterEach(() => node.stop());

  /** A body that is most of the message. */
  const message = `SEND\ndestination:/topic/slow\nreceipt:1\ncontent-length:400\n\n${'x'.repeat(400)}\0`;
  const connectFrame = 'CONNECT\naccept-version:1.2\nhost:x\nlogin:ada\nheart-beat:100,0\n\n\0';

  it.each([
    ['WebSocket', '/stomp', (text: string) => masked(text)],
    ['SockJS over WebSocket', '/ws/000/slow/websocket', (text: string) => masked(JSON.stringify([text]))],
    ['TCP', undefined, (text: string) => Buffer.from(text)],
  ])('is a sign of life while it comes: %s', async (_, path, wrap) => {
    const socket = connect(await startNode(), '127.0.0.1');
    let heard = '';
    socket.setEncoding('latin1').on('data', (piece: string) => (heard += piece));
    const until = async (text: string): Promise<void> => {
      while (!heard.includes(text)) await once(socket, 'data');
    };
    if (path !== undefined) {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`);
      socket.write('Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
      await until('101 Switching Protocols');
    }
    socket.write(wrap(connectFrame));
    await until('CONNECTED');

    await inPieces(wrap(message), (piece) => void socket.write(piece));

    await until('RECEIPT');
    expect(node.endings).toEqual([]);
    socket.destroy();

    async function startNode(): Promise<number> {
      node = await TransportNode.start({ limits: { heartbeatMinMs: 100 } });
      return path === undefined ? (await node.transports.listenTcp(0, '127.0.0.1')).port : node.port;
    }
  });

  it('is a sign of life while it comes: SockJS over polling', async () => {
    node = await TransportNode.start({ limits: { heartbeatMinMs: 100, heartbeatHttpMarginMs: 100 } });
    const session = node.url('/ws/000/slow');
    const post = (path: string, body?: string): Promise<Response> =>
      fetch(`${session}/${path}`, { method: 'POST', ...(body !== undefined && { body }) });
    await (await post('xhr')).text();
    await post('xhr_send', JSON.stringify([connectFrame]));
    expect(await (await post('xhr')).text()).toMatch(/CONNECTED/);

    const slow = request(`${session}/xhr_send`, { method: 'POST' });
    await inPieces(Buffer.from(JSON.stringify([message])), (piece) => void slow.write(piece));
    slow.end();

    expect(await (await post('xhr')).text()).toMatch(/RECEIPT/);
    expect(node.endings).toEqual([]);
  });

  it('that stops in the middle is silence', async () => {
    node = await TransportNode.start({ limits: { heartbeatMinMs: 100 } });
    const { port } = await node.transports.listenTcp(0, '127.0.0.1');
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    let heard = '';
    socket.on('data', (piece: string) => (heard += piece));

    socket.write(connectFrame);
    socket.write(message.slice(0, 100));
    await once(socket, 'close');

    expect(heard).toMatch(/heartbeat_timeout/);
  });
});

/** Over ten times as long as a client may be silent. */
async function inPieces(bytes: Uint8Array, write: (piece: Uint8Array) => void): Promise<void> {
  const count = 40;
  const length = Math.ceil(bytes.length / count);
  for (let i = 0; i < count; i += 1) {
    write(bytes.subarray(i * length, (i + 1) * length));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** One WebSocket message from a client (RFC 6455, 5.2), masked with zeros. */
function masked(text: string): Buffer {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? [0x81, 0x80 | payload.length]
      : [0x81, 0xfe, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}

async function start(
  environment: Readonly<Record<string, string>> = {},
  preload?: string,
): Promise<Entrances & { readonly server: RunningServer }> {
  const tcpPort = await freePort();
  const server = await startServer({
    environment: {
      STOMP_TCP_PORT: `${tcpPort}`,
      LIMIT_HEARTBEAT_HTTP_MARGIN_MS: '1000',
      LIMIT_SOCKJS_DISCONNECT_MS: '1000',
      LIMIT_SSE_HEARTBEAT_MS: '500',
      ...environment,
    },
    ...(preload !== undefined && { preload }),
  });
  return { server, tcpPort };
}

/** One client on each transport, beating as it has agreed. */
function signedIn(entrances: Entrances): Promise<{ readonly client: RawClient; stop(): void }[]> {
  return Promise.all(
    waysIn.map(async ([, open]) => {
      const client = await open(entrances);
      client.send(
        'CONNECT\naccept-version:1.2\nhost:x\nheart-beat:1000,1000\nlogin:doctor@example.org\npasscode:carillon\n\n\0',
      );
      await client.until(/CONNECTED.*?(\0|\\u0000)/s);
      const beats = setInterval(() => client.send('\n'), 400);
      return {
        client,
        stop: () => {
          clearInterval(beats);
          client.close();
        },
      };
    }),
  );
}

let requests = 0;

async function isServed(client: RawClient): Promise<void> {
  const id = `request-${(requests += 1)}`;
  client.send(`SUBSCRIBE\nid:${id}\ndestination:/user/queue/notifications\nreceipt:${id}\n\n\0`);
  await client.until(new RegExp(`receipt-id:${id}`));
}

async function openStream({
  url,
}: RunningServer): Promise<{ beats(count: number): Promise<void>; close(): void }> {
  const { token } = await signIn(url, 'patient@example.org');
  const left = new AbortController();
  const { body } = await fetch(`${url}/api/notifications/stream`, {
    headers: { Authorization: `Bearer ${token}` },
    signal: left.signal,
  });
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  return {
    async beats(count) {
      for (let seen = 0; seen < count;) {
        const { value, done } = await reader.read();
        if (done) throw new Error('The stream ended.');
        seen += value.match(/^: ?hb$/gm)?.length ?? 0;
      }
    },
    close: () => left.abort(),
  };
}

async function clockWasSet({ output }: RunningServer): Promise<void> {
  while (!output().includes('The clock was set.')) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function ticketOf({ url }: RunningServer): Promise<string> {
  const { token } = await signIn(url, 'patient@example.org');
  const answer = await fetch(`${url}/api/auth/ticket`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
  });
  return ((await answer.json()) as { ticket: string }).ticket;
}

async function statusWith({ url }: RunningServer, ticket: string): Promise<number> {
  const cut = new AbortController();
  const { signal } = cut;
  const { status } = await fetch(`${url}/api/notifications/stream?ticket=${ticket}`, { signal });
  cut.abort();
  return status;
}
