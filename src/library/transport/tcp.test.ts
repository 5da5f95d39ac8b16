import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Recorders } from '../../../test/recorder.js';
import { TransportNode, type TransportNodeOptions } from '../../../test/transport-node.js';

const CONNECT = 'CONNECT\naccept-version:1.2\nlogin:ada\n\n\0';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(options: TransportNodeOptions = {}) {
  const node = await TransportNode.start(options);
  ends.push(() => node.stop());
  const { port } = await node.transports.listenTcp(0, '127.0.0.1');
  const dial = async (): Promise<Peer> => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    ends.push(() => socket.destroy());
    await once(socket, 'connect');
    return new Peer(socket);
  };
  return { node, port, dial };
}

class Peer {
  text = '';
  readonly errors: Error[] = [];

  constructor(readonly socket: Socket) {
    socket.on('data', (bytes: Buffer) => {
      this.text += bytes.toString('latin1');
      socket.emit('event');
    });
    for (const event of ['end', 'close']) socket.on(event, () => socket.emit('event'));
    socket.on('error', (error) => this.errors.push(error));
  }

  async until(isMet: () => boolean): Promise<void> {
    while (!isMet()) await new Promise((resolve) => this.socket.once('event', resolve));
  }

  get hasEnded(): boolean {
    return this.socket.readableEnded || this.socket.destroyed;
  }
}

test('a client connects, subscribes and gets messages, bodies with NUL and all', async () => {
  const { dial } = await start();
  const { socket, until, text } = bind(await dial());

  socket.write(`${CONNECT}SUBSCRIBE\nid:0\ndestination:/topic/x\nreceipt:r\n\n\0`);
  await until(() => text().includes('RECEIPT\n'));
  socket.write('SEND\ndestination:/topic/x\ncontent-length:3\n\na\0b\0');
  await until(() => text().includes('a\0b\0'));

  expect(text()).toMatch(/^CONNECTED\n/);
  expect(text()).toContain('content-length:3\n');
});

test('frames may be cut at every byte', async () => {
  const { dial } = await start();
  const { socket, until, text } = bind(await dial());
  socket.setNoDelay(true);

  for (const byte of Buffer.from(CONNECT)) {
    socket.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  await until(() => text().includes('\0'));

  expect(text()).toMatch(/^CONNECTED\n/);
});

test('an error is told to a client that is still sending, then the connection ends', async () => {
  const { dial } = await start();
  const peer = await dial();

  peer.socket.write('NONSENSE\n\n\0');
  await peer.until(() => peer.hasEnded);
  for (let i = 0; i < 5; i += 1) {
    await new Promise((resolve) => peer.socket.write(Buffer.alloc(100_000), resolve));
  }
  peer.socket.end();
  await peer.until(() => peer.socket.closed);

  expect(peer.text).toMatch(/^ERROR\n[^]*code:unknown_command\n/);
  expect(peer.errors).toEqual([]);
});

test('a client that has said all and only listens gets every answer, then the connection ends', async () => {
  // One frame in a turn of the loop: the end comes while most of them wait.
  const { node, dial } = await start({ limits: { framesAtOnce: 1 } });
  const peer = await dial();
  const sends = Array.from({ length: 200 }, (_, i) => `SEND\ndestination:/queue/x\nreceipt:r${i}\n\n\0`);

  peer.socket.end(CONNECT + sends.join(''));
  await peer.until(() => peer.socket.closed);

  const receipts = [...peer.text.matchAll(/receipt-id:(r\d+)\n/g)].map(([, id]) => id);
  expect(receipts).toEqual(sends.map((_, i) => `r${i}`));
  expect(node.broker.queues.length('/queue/x')).toBe(200);
  expect([node.endings, peer.errors]).toEqual([['closed'], []]);
});

test.each([
  ['nothing at all', ''],
  ['half a frame', 'SEND\ndestination:/queue/x\n\nhalf'],
])('a client that ends after %s is gone, and nothing of it is done', async (_, text) => {
  const { node, dial } = await start();
  const peer = await dial();

  peer.socket.end((text && CONNECT) + text);
  await peer.until(() => peer.socket.closed);

  expect(peer.text).toMatch(text ? /^CONNECTED\n[^\0]*\0\s*$/ : /^$/);
  expect(node.broker.queues.length('/queue/x')).toBe(0);
});

test('a client that sends on and on after the error is cut', async () => {
  const { node, dial } = await start({ limits: { lingerBytes: 100_000, closeMs: 60_000 } });
  const peer = await dial();
  peer.socket.write('NONSENSE\n\n\0');
  await peer.until(() => peer.hasEnded);

  const flood = setInterval(() => peer.socket.write(Buffer.alloc(50_000)), 1);
  await peer.until(() => peer.socket.destroyed);
  clearInterval(flood);

  await expect.poll(() => node.transports.connections.count).toBe(0);
});

test('a close whose client keeps its side open is cut after a moment', async () => {
  const { node, dial } = await start({ limits: { closeMs: 20 } });
  const peer = await dial();

  peer.socket.write('NONSENSE\n\n\0');

  await peer.until(() => peer.hasEnded);
  await expect.poll(() => node.transports.connections.count).toBe(0);
});

test('a client that stops reading is closed and the others are not delayed', async () => {
  const { node, dial } = await start({ limits: { outboxBytes: 1_000_000 } });
  const [slow, fast] = [await dial(), await dial()];
  for (const peer of [slow, fast]) {
    peer.socket.write(`${CONNECT}SUBSCRIBE\nid:0\ndestination:/topic/x\nreceipt:r\n\n\0`);
    await peer.until(() => peer.text.includes('RECEIPT\n'));
    peer.text = '';
  }
  slow.socket.pause();

  const body = Buffer.alloc(200_000, 'x');
  let sent = 0;
  while (node.endings.length === 0) {
    node.broker.publish({ address: '/topic/x', headers: new Map(), body });
    sent += 1;
    await fast.until(() => fast.text.length > sent * body.length);
  }

  expect(node.endings).toEqual(['slow_consumer']);
});

test('a paused wire does not read, a lost one says so, and its address is known', async () => {
  const recorders = new Recorders();
  const { dial } = await start({ openSession: recorders.open });
  const { socket } = await dial();
  const recorder = await recorders.next();

  recorder.wire.pause();
  socket.write('one');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(recorder.received).toBe('');
  recorder.wire.resume();
  await recorder.until(({ received }) => received === 'one');
  socket.resetAndDestroy();
  await recorder.until(({ losses }) => losses.length > 0);

  expect([recorder.remoteAddress, recorder.wire.probe()]).toEqual(['127.0.0.1', false]);
});

test('connections of one address are limited, and a draining node takes none', async () => {
  const { node, port, dial } = await start({ limits: { connectionsPerAddress: 1 } });
  const first = await dial();
  const second = await dial();
  await second.until(() => second.hasEnded);

  node.transports.drain();
  const third = connect(port, '127.0.0.1');
  await expect(once(third, 'connect')).rejects.toThrow('ECONNREFUSED');

  first.socket.write(CONNECT);
  await first.until(() => first.text.startsWith('CONNECTED'));
});

test('a fault while bytes are taken ends that connection and not the process', async () => {
  const recorders = new Recorders();
  const { node, dial } = await start({ openSession: recorders.open });
  const peer = await dial();
  const fault = new Error('ours');
  (await recorders.next()).receive = () => {
    throw fault;
  };

  peer.socket.write('x');
  await peer.until(() => peer.hasEnded);

  expect(node.faults).toEqual([fault]);
});

function bind(peer: Peer) {
  return {
    socket: peer.socket,
    until: (isMet: () => boolean) => peer.until(isMet),
    text: () => peer.text,
  };
}

test('a silent connection gets a LF now and then where the version knows beats, and nothing in STOMP 1.0', async () => {
  const { dial } = await start({ limits: { pingMs: 20 } });
  const [old, young] = [await dial(), await dial()];

  old.socket.write('CONNECT\nlogin:ada\n\n\0');
  await old.until(() => old.text.endsWith('\0'));
  young.socket.write(CONNECT);
  await young.until(() => young.text.endsWith('\0\n\n\n'));

  expect(old.text).toMatch(/\0$/);
});
