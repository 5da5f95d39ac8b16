import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Recorders } from '../../../test/recorder.js';
import { TransportNode, type TransportNodeOptions } from '../../../test/transport-node.js';

const nodes: TransportNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
});

async function start(options: TransportNodeOptions = {}): Promise<TransportNode> {
  const node = await TransportNode.start(options);
  nodes.push(node);
  return node;
}

/** The answer to an upgrade: 101, or why not. */
async function upgrade(node: TransportNode, path: string, headers: Record<string, string> = {}) {
  const outgoing = request(node.url(path), {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-version': '13',
      ...headers,
    },
  });
  outgoing.end();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.on('response', resolve);
    outgoing.on('upgrade', (switching: IncomingMessage, socket) => {
      socket.destroy();
      resolve(switching);
    });
    outgoing.on('error', reject);
  });
  if (response.statusCode === 101) return { status: 101, headers: response.headers, problem: undefined };
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return {
    status: response.statusCode,
    headers: response.headers,
    problem: JSON.parse(text) as { code: string; status: number },
  };
}

test.each([
  '/ws',
  '/ws/',
  '/ws/websocket',
  '/stomp',
  '/stomp?x=1',
  '/ws/000/abcd1234/websocket',
  '/ws/0/a/websocket/',
])('an upgrade on %s is a WebSocket', async (path) => {
  expect((await upgrade(await start(), path)).status).toBe(101);
});

test.each(['/', '/nope', '/wsx', '/ws/info', '/ws/a/websocket', '/ws/a.b/c/websocket', '/ws/a/b/xhr'])(
  'an upgrade on %s is answered with 404',
  async (path) => {
    expect(await upgrade(await start(), path)).toMatchObject({ status: 404, problem: { code: 'not_found' } });
  },
);

test.each([
  ['http://evil.example', [], 403],
  ['null', [], 403],
  ['https://clinic.example', ['https://clinic.example'], 101],
  ['https://clinic.example.evil.example', ['https://clinic.example'], 403],
])('an upgrade from %s, allowed %j, is answered with %i', async (origin, origins, status) => {
  const node = await start({ origins });

  for (const path of ['/ws', '/ws/websocket', '/stomp', '/ws/000/abcd1234/websocket']) {
    expect((await upgrade(node, path, { origin })).status).toBe(status);
  }
});

test('the own origin may upgrade, and so may who sends no Origin', async () => {
  const node = await start();

  expect((await upgrade(node, '/ws', { origin: node.url('').replace(/\/$/, '') })).status).toBe(101);
  expect((await upgrade(node, '/ws')).status).toBe(101);
});

test('behind a trusted proxy the own origin is the one that the browser sees', async () => {
  const headers = {
    origin: 'https://clinic.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'clinic.example',
  };

  expect((await upgrade(await start({ proxies: ['127.0.0.1'] }), '/ws', headers)).status).toBe(101);
  expect((await upgrade(await start(), '/ws', headers)).status).toBe(403);
});

test.each([
  ['v12.stomp', 'v12.stomp'],
  ['v10.stomp, v11.stomp', 'v11.stomp'],
  ['mqtt', undefined],
])('of the subprotocols %s it answers %s', async (offered, chosen) => {
  const node = await start();

  for (const path of ['/ws', '/ws/websocket', '/stomp']) {
    const { headers } = await upgrade(node, path, { 'sec-websocket-protocol': offered });
    expect(headers['sec-websocket-protocol']).toBe(chosen);
  }
});

test('one address has so many connections and no more, and a place is free again when one ends', async () => {
  const node = await start({ limits: { connectionsPerAddress: 2 } });
  const open = [1, 2].map(() => new WebSocket(node.url('/ws', 'ws')));
  for (const socket of open) await once(socket, 'open');

  expect(await upgrade(node, '/stomp')).toMatchObject({
    status: 429,
    problem: { code: 'connection_limit' },
    headers: { 'retry-after': '5' },
  });
  open[0]?.terminate();
  while (node.transports.connections.count > 1) await new Promise(setImmediate);

  expect((await upgrade(node, '/stomp')).status).toBe(101);
});

test('connections are counted by the client behind a proxy, not by the proxy', async () => {
  const node = await start({ limits: { connectionsPerAddress: 1 }, proxies: ['127.0.0.1'] });
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
  await once(new WebSocket(node.url('/ws', 'ws'), from('203.0.113.1')), 'open');

  expect((await upgrade(node, '/ws', from('203.0.113.1').headers)).status).toBe(429);
  expect((await upgrade(node, '/ws', from('203.0.113.2').headers)).status).toBe(101);
});

test('connections of one IPv6 network are one client’s', async () => {
  const node = await start({ limits: { connectionsPerAddress: 1 }, proxies: ['127.0.0.1'] });
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
  await once(new WebSocket(node.url('/ws', 'ws'), from('2001:db8:0:1::1')), 'open');

  expect((await upgrade(node, '/ws', from('2001:db8:0:1:ffff::2').headers)).status).toBe(429);
  expect((await upgrade(node, '/ws', from('2001:db8:0:2::1').headers)).status).toBe(101);
});

test('a node that drains refuses upgrades and keeps what is open', async () => {
  const node = await start();
  const socket = new WebSocket(node.url('/ws', 'ws'));
  await once(socket, 'open');

  node.transports.drain();

  expect(await upgrade(node, '/ws')).toMatchObject({ status: 503, problem: { code: 'unavailable' } });
  expect(socket.readyState).toBe(WebSocket.OPEN);
});

test('closing waits for connections that end, and cuts the others', async () => {
  const node = await start();
  const socket = new WebSocket(node.url('/ws', 'ws'));
  await once(socket, 'open');
  const closed = once(socket, 'close');

  await node.transports.close(10);

  expect(await closed).toEqual([1006, Buffer.alloc(0)]);
});

test.each(['/nope', '/ws', '/ws/info', '/ws/000/abc/websocket'])(
  'a client that resets while its upgrade to %s is answered does not end the process',
  async (path) => {
    const node = await start();
    const socket = connect(node.port, '127.0.0.1');
    await once(socket, 'connect');
    const emit = node.server.emit.bind(node.server) as (event: string, ...about: unknown[]) => boolean;
    node.server.emit = (event: string, ...about: unknown[]) => {
      if (event === 'upgrade') socket.resetAndDestroy();
      return emit(event, ...about);
    };

    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await once(socket, 'close');

    expect((await upgrade(node, '/ws')).status).toBe(101);
  },
);

test('a request that offers another upgrade, as Java’s HttpClient does, is answered as if it had not', async () => {
  const recorders = new Recorders();
  const node = await start({ openSession: recorders.open });
  await fetch(node.url('/ws/000/java/xhr'), { method: 'POST' });
  const outgoing = request(node.url('/ws/000/java/xhr_send'), {
    method: 'POST',
    headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAEAAEAA' },
  });

  outgoing.end(`["${'x'.repeat(100_000)}"]`);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];

  expect(response.statusCode).toBe(204);
  expect((await recorders.next()).received.length).toBe(100_000);
});
