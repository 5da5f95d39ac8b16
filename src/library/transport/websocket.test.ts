import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { limits } from '../limits.js';
import { Share } from '../session/share.js';
import { Recorders } from '../../../test/recorder.js';
import { TransportNode, type TransportNodeOptions } from '../../../test/transport-node.js';
import type { WebSocketWire } from './websocket.js';

const CONNECT = 'CONNECT\naccept-version:1.2\nlogin:ada\n\n\0';

const nodes: TransportNode[] = [];
const clients: Peer[] = [];
afterEach(async () => {
  clients.splice(0).forEach(({ socket }) => socket.terminate());
  for (const node of nodes.splice(0)) await node.stop();
});

async function start(options: TransportNodeOptions = {}): Promise<TransportNode> {
  const node = await TransportNode.start(options);
  nodes.push(node);
  return node;
}

/** A stock WebSocket, and what it was sent. */
class Peer {
  readonly messages: { text: string; isBinary: boolean }[] = [];
  readonly socket: WebSocket;
  closed: readonly [number, string] | undefined;

  constructor(node: TransportNode, path = '/stomp') {
    this.socket = new WebSocket(node.url(path, 'ws'));
    clients.push(this);
    this.socket.on('message', (bytes: Buffer, isBinary) => {
      this.messages.push({ text: bytes.toString('latin1'), isBinary });
      this.socket.emit('event');
    });
    this.socket.on('close', (code, reason) => {
      this.closed = [code, reason.toString()];
      this.socket.emit('event');
    });
    this.socket.on('error', () => undefined);
  }

  static async open(node: TransportNode, path?: string): Promise<Peer> {
    const client = new Peer(node, path);
    await once(client.socket, 'open');
    return client;
  }

  static async connected(node: TransportNode): Promise<Peer> {
    const client = await Peer.open(node);
    client.socket.send(CONNECT);
    await client.until(() => client.messages.length === 1);
    return client;
  }

  async subscribe(destination: string): Promise<void> {
    const before = this.messages.length;
    this.socket.send(`SUBSCRIBE\nid:0\nreceipt:r\ndestination:${destination}\n\n\0`);
    await this.until(() => this.messages.length > before);
  }

  get last(): string {
    return this.messages.at(-1)?.text ?? '';
  }

  async until(isMet: () => boolean): Promise<void> {
    while (!isMet()) await new Promise((resolve) => this.socket.once('event', resolve));
  }
}

function publish(node: TransportNode, address: string, body: Uint8Array): void {
  node.broker.publish({ address, headers: new Map(), body });
}

test('a client connects by text, by binary, and cut at every byte', async () => {
  const node = await start();
  const [text, binary, cut] = [await Peer.open(node), await Peer.open(node), await Peer.open(node)];

  text.socket.send(CONNECT);
  binary.socket.send(Buffer.from(CONNECT));
  CONNECT.split('').forEach((character, i) => cut.socket.send(character, { binary: i % 2 === 0 }));

  for (const client of [text, binary, cut]) {
    await client.until(() => client.messages.length > 0);
    expect(client.last).toMatch(/^CONNECTED\n/);
  }
});

test('several frames in one message are all answered, each in its own message', async () => {
  const client = await Peer.open(await start());

  client.socket.send(
    `${CONNECT}\nSUBSCRIBE\nid:0\ndestination:/topic/x\nreceipt:a\n\n\0\n\nSEND\ndestination:/topic/x\n\nhi\0`,
  );
  await client.until(() => client.messages.length === 3);

  expect(new Set(client.messages.map(({ text }) => text.split('\n')[0]))).toEqual(
    new Set(['CONNECTED', 'RECEIPT', 'MESSAGE']),
  );
});

test('a body that is UTF-8 leaves as text, any other as binary', async () => {
  const node = await start();
  const client = await Peer.connected(node);
  await client.subscribe('/topic/x');

  publish(node, '/topic/x', Buffer.from('grüße'));
  publish(node, '/topic/x', Buffer.from([0xff, 0xfe]));
  await client.until(() => client.messages.length === 4);

  expect(client.messages.slice(2).map(({ isBinary }) => isBinary)).toEqual([false, true]);
});

test('an error is told, then the close has its code', async () => {
  const client = await Peer.open(await start());

  client.socket.send('SEND\ndestination:/topic/x\n\n\0');
  await client.until(() => client.closed !== undefined);

  expect(client.last).toMatch(/^ERROR\n[^]*code:not_connected\n/);
  expect(client.closed).toEqual([4400, 'not_connected']);
});

test('a client that is still sending hears the error all the same', async () => {
  const client = await Peer.open(await start());

  client.socket.send('NONSENSE\n\n\0');
  for (let i = 0; i < 8; i += 1) client.socket.send(Buffer.alloc(100_000));
  await client.until(() => client.closed !== undefined);

  expect(client.last).toMatch(/^ERROR\n/);
  expect(client.closed?.[0]).toBe(4400);
});

test('a client that goes on sending after the error is cut', async () => {
  const node = await start({ limits: { lingerBytes: 200_000, closeMs: 60_000 } });
  const socket = await rawWebSocket(node);
  socket.write(maskedText('NONSENSE\n\n\0'));
  await once(socket, 'data');

  const flood = setInterval(() => socket.write(maskedText('x'.repeat(50_000))), 1);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(flood);

  await expect.poll(() => node.transports.connections.count).toBe(0);
});

test('a close that its client does not answer is cut after a moment', async () => {
  const node = await start({ limits: { closeMs: 20 } });
  const socket = await rawWebSocket(node);

  socket.write(maskedText('NONSENSE\n\n\0'));
  await new Promise((resolve) => socket.once('close', resolve));

  await expect.poll(() => node.transports.connections.count).toBe(0);
});

test.each([
  ['a frame over the limit', (limit: number) => limit + 1],
  ['a message that no legal frame fits in', (limit: number) => limit * 10],
])('%s gets its ERROR before 1009', async (_, bytes) => {
  const limits = { bodyBytes: 100_000, headers: 10, headerLineBytes: 1_000 };
  const client = await Peer.connected(await start({ limits }));

  client.socket.send(`SEND\ndestination:/topic/x\n\n${'x'.repeat(bytes(limits.bodyBytes))}\0`);
  await client.until(() => client.closed !== undefined);

  expect(client.last).toMatch(/^ERROR\n[^]*code:frame_too_large\n/);
  expect(client.closed).toEqual([1009, 'frame_too_large']);
});

test('a message that breaks the rules of WebSocket ends the connection', async () => {
  const node = await start();
  const socket = await rawWebSocket(node);

  socket.write(Buffer.from([0x81, 0x01, 0x41])); // RFC 6455, 5.1: a client has to mask.
  await new Promise((resolve) => socket.once('close', resolve));

  await expect.poll(() => node.transports.connections.count).toBe(0);
});

test('a client that stops reading is closed and the others are not delayed', async () => {
  const node = await start({ limits: { outboxBytes: 1_000_000, closeMs: 10_000 } });
  const [slow, fast] = [await Peer.connected(node), await Peer.connected(node)];
  await slow.subscribe('/topic/x');
  await fast.subscribe('/topic/x');
  slow.socket.pause();

  const body = Buffer.alloc(200_000, 'x');
  let sent = 0;
  while (node.endings.length === 0) {
    publish(node, '/topic/x', body);
    sent += 1;
    await fast.until(() => fast.messages.length === sent + 2);
  }
  slow.socket.resume();
  await slow.until(() => slow.closed !== undefined);

  expect(node.endings).toEqual(['slow_consumer']);
  expect(slow.closed).toEqual([4408, 'slow_consumer']);
  expect(slow.messages.length).toBeLessThan(sent + 2);
});

test('pings ask the client for a sign of life, and its pongs and pings are one', async () => {
  const recorders = new Recorders();
  const node = await start({ openSession: recorders.open });
  const client = await Peer.open(node);
  const recorder = await recorders.next();

  expect(recorder.wire.probe()).toBe(true);
  await recorder.until(({ beats }) => beats === 1);
  client.socket.ping();
  await recorder.until(({ beats }) => beats === 2);

  expect(recorder.received).toBe('');
});

test('a paused wire does not read, and loses nothing', async () => {
  const recorders = new Recorders();
  const client = await Peer.open(await start({ openSession: recorders.open }));
  const recorder = await recorders.next();

  recorder.wire.pause();
  client.socket.send('one');
  client.socket.send('two');
  client.socket.ping();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([recorder.received, recorder.beats]).toEqual(['', 0]);
  recorder.wire.resume();
  await recorder.until(({ received }) => received === 'onetwo');
});

test('what comes when the time of the turn is used up waits for its own, in its order, and the close after it', async () => {
  const recorders = new Recorders();
  const client = await Peer.open(await start({ openSession: recorders.open }));
  const recorder = await recorders.next();
  recorder.slices.isOver = true;

  client.socket.send('one');
  await recorder.until(({ waiting }) => waiting.length === 1);
  expect(recorder.received).toBe('');
  recorder.waiting.shift()?.();
  expect(recorder.received).toBe('one');
  client.socket.send('two');
  client.socket.close();
  await recorder.until(({ waiting }) => waiting.length === 1);
  expect([recorder.received, recorder.losses]).toEqual(['one', []]);

  while (recorder.losses.length === 0) {
    recorder.waiting.shift()?.();
    await Promise.race([
      recorder.until(({ waiting }) => waiting.length > 0),
      recorder.until(({ losses }) => losses.length > 0),
    ]);
  }
  expect(recorder.received).toBe('onetwo');
});

test('of thousands of messages in one read only those that the turn has time for are taken at once', async () => {
  const recorders = new Recorders();
  const socket = await rawWebSocket(await start({ openSession: recorders.open }));
  const recorder = await recorders.next();
  Object.defineProperty(recorder.slices, 'isOver', { get: () => recorder.received !== '' });

  socket.write(Buffer.concat(Array.from({ length: 5_000 }, () => maskedText('x'))));
  await recorder.until(({ waiting }) => waiting.length === 1);
  expect(recorder.received.length).toBeLessThan(1_000);

  while (recorder.received.length < 5_000) {
    await recorder.until(({ waiting }) => waiting.length > 0);
    recorder.waiting.shift()?.();
  }
  expect(recorder.received).toBe('x'.repeat(5_000));
  socket.destroy();
});

test('where no turn has time left, clients are served all the same', async () => {
  const node = await start({ limits: { turnMs: 0.001 } });
  const client = await Peer.connected(node);

  for (let i = 0; i < 100; i++) {
    client.socket.send(`SEND\ndestination:/topic/x\nreceipt:${i}\n\n${'x'.repeat(5_000)}\0`);
  }
  await client.until(() => client.messages.length === 101);

  expect(client.messages.slice(1).map(({ text }) => /receipt-id:(\d+)/.exec(text)?.[1])).toEqual(
    Array.from({ length: 100 }, (_, i) => `${i}`),
  );
});

test('what waits for its turn counts as its user’s, and no more when they are gone', async () => {
  const recorders = new Recorders();
  const client = await Peer.open(await start({ openSession: recorders.open }));
  const recorder = await recorders.next();
  const [strangers, own] = [new Share(limits), new Share(limits)];
  recorder.wire.countTo?.(strangers);
  recorder.slices.isOver = true;

  client.socket.send('x'.repeat(1_000));
  await recorder.until(({ waiting }) => waiting.length === 1);
  expect(strangers.input.used).toBeGreaterThan(1_000);
  recorder.wire.countTo?.(own);
  expect([strangers.input.used, own.input.used > 1_000]).toEqual([0, true]);

  client.socket.terminate();
  (recorder.wire as WebSocketWire).cut();
  await recorder.until(({ losses }) => losses.length > 0);
  expect(own.input.used).toBe(0);
});

test('a closed client is lost once it is gone, with the address that it came from', async () => {
  const recorders = new Recorders();
  const client = await Peer.open(await start({ openSession: recorders.open }));
  const recorder = await recorders.next();

  client.socket.close();
  await recorder.until(({ losses }) => losses.length > 0);

  expect([recorder.losses, recorder.remoteAddress]).toEqual([['closed'], '127.0.0.1']);
});

test('a fault while bytes are taken closes that connection, is reported, and does not end the process', async () => {
  const recorders = new Recorders();
  const node = await start({ openSession: recorders.open });
  const client = await Peer.open(node);
  const fault = new Error('ours');
  (await recorders.next()).receive = () => {
    throw fault;
  };

  client.socket.send('x');
  await client.until(() => client.closed !== undefined);

  expect(client.closed).toEqual([1011, 'internal_error']);
  expect(node.faults).toEqual([fault]);
});

test('what was sent before a close arrives before it', async () => {
  const recorders = new Recorders();
  const client = await Peer.open(await start({ openSession: recorders.open }));
  const { wire } = await recorders.next();

  for (let i = 0; i < 50; i += 1) wire.send(Buffer.alloc(20_000, 'x'));
  wire.close(4401, 'auth_expired');
  await client.until(() => client.closed !== undefined);

  expect([client.messages.length, client.closed]).toEqual([50, [4401, 'auth_expired']]);
});

/** A WebSocket without a library, for what libraries don't do. */
async function rawWebSocket(node: TransportNode): Promise<Socket> {
  const socket = connect(node.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    'GET /stomp HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await once(socket, 'data');
  return socket;
}

/** RFC 6455, 5.2, with a mask of zeros. */
function maskedText(text: string): Buffer {
  const payload = Buffer.from(text);
  const length =
    payload.length < 126
      ? Buffer.from([0x80 | payload.length])
      : Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([Buffer.from([0x81]), length, Buffer.alloc(4), payload]);
}

test.each(['', 'heart-beat:0,0\n', 'heart-beat:0,60000\n'])(
  'a WebSocket on which nothing is written is pinged, whatever STOMP agreed on (%j)',
  async (agreed) => {
    const node = await start({ limits: { pingMs: 20 } });
    const client = await Peer.open(node);
    client.socket.send(`CONNECT\naccept-version:1.2\nlogin:ada\n${agreed}\n\0`);
    await client.until(() => client.messages.length === 1);

    await once(client.socket, 'ping');
    await once(client.socket, 'ping');

    expect(client.closed).toBeUndefined();
  },
);
