import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { attachStomp } from '../../src/library/transport/attach-stomp.js';
import { TransportNode, type TransportNodeOptions } from '../transport-node.js';
import { get, RawClient } from './raw-client.js';

const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];

const nodes: TransportNode[] = [];

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
});

async function start(limits: TransportNodeOptions['limits'] = {}): Promise<TransportNode> {
  const node = await TransportNode.start({ limits });
  nodes.push(node);
  return node;
}

/** Asks for a WebSocket, without the key that one needs. */
async function upgrade(
  node: TransportNode,
  path: string,
  options?: { isReading: boolean },
): Promise<RawClient> {
  const raw = await RawClient.open(node.port, options);
  raw.send(get(path, ...UPGRADE));
  return raw;
}

it('a server of ws for a path of its own stands beside ours', async () => {
  const node = await start();
  const server = new WebSocketServer({ server: node.server, path: '/echo' });
  server.on('connection', (socket) => socket.on('message', (bytes: Buffer) => socket.send(bytes)));

  const theirs = new WebSocket(node.url('/echo', 'ws'));
  await once(theirs, 'open');
  theirs.send('hello');
  const [echo] = (await once(theirs, 'message')) as [Buffer];
  const ours = new WebSocket(node.url('/stomp', 'ws'), 'v12.stomp');
  await once(ours, 'open');

  expect([echo.toString(), ours.protocol]).toEqual(['hello', 'v12.stomp']);
  theirs.terminate();
  ours.terminate();
});

it('two brokers on one server have their paths, and a path of neither is 404 at once', async () => {
  const node = await start({ foreignUpgradeMs: 60_000 });
  const second = await attachStomp(node.server, {
    authenticator: { authenticate: async () => ({ name: 'ada', roles: [] }) },
    authorizer: { isAllowed: () => true },
    sockJsPath: '/second/ws',
    webSocketPath: '/second',
  });

  const answers = ['/stomp', '/second', '/nobody'].map(async (path) =>
    (await upgrade(node, path)).answers(1),
  );

  // 400: it had a place, and was no good handshake.
  expect(await Promise.all(answers)).toEqual([[400], [400], [404]]);
  await second.close();
});

it('an upgrade that nobody answers is destroyed in time', async () => {
  const node = await start({ foreignUpgradeMs: 50 });
  node.server.on('upgrade', () => undefined);

  const raw = await upgrade(node, '/nobody');
  await raw.closed;

  expect(raw.text).toBe('');
});

it('an upgrade behind a request on the same socket is no answered one for it', async () => {
  const node = await start({ foreignUpgradeMs: 50 });
  node.server.on('upgrade', () => undefined);
  const raw = await RawClient.open(node.port);
  raw.send(get('/ws/info') + get('/nobody', ...UPGRADE));

  await raw.closed;

  expect(raw.statuses).toEqual([200]);
});

it('a client that stays after another library has refused its upgrade loses its socket', async () => {
  const node = await start({ foreignUpgradeMs: 50 });
  const refused = new Promise<Duplex>((resolve) => {
    // As Socket.IO does: it ends its side, and waits for the client's.
    node.server.on('upgrade', (_request, socket) => resolve(socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  });
  // It reads nothing, so it doesn't see the end either.
  const raw = await upgrade(node, '/nobody', { isReading: false });

  await once(await refused, 'close');

  raw.cut();
});

it('an answered one stays for as long as its library likes', async () => {
  const node = await start({ foreignUpgradeMs: 50 });
  const server = new WebSocketServer({ noServer: true });
  node.server.on('upgrade', (request, socket, head) => {
    if (request.url === '/echo') server.handleUpgrade(request, socket, head, () => undefined);
  });
  const theirs = new WebSocket(node.url('/echo', 'ws'));
  await once(theirs, 'open');

  const later = await upgrade(node, '/nobody');
  await later.closed;

  expect(theirs.readyState).toBe(WebSocket.OPEN);
  theirs.terminate();
});

it('those of one address count with its other sockets, and give their place back', async () => {
  const node = await start({ connectionsPerAddress: 2, foreignUpgradeMs: 60_000 });
  const held: RawClient[] = [];
  for (let i = 0; i < 2; i++) {
    const asked = once(node.server, 'upgrade');
    held.push(await upgrade(node, '/theirs'));
    await asked;
  }
  node.server.on('upgrade', () => undefined);

  const theirs = await (await upgrade(node, '/theirs')).answers(1);
  const ours = await (await upgrade(node, '/stomp')).answers(1);

  expect([theirs, ours]).toEqual([[429], [429]]);
  held.forEach((raw) => raw.cut());
  // 400: it had a place, and was no good handshake.
  await expect.poll(async () => (await upgrade(node, '/stomp')).answers(1)).toEqual([400]);
});

it('what two parsers could read differently, and what has a body, is refused before anybody hears of it', async () => {
  const node = await start();
  const heard: unknown[] = [];
  node.server.on('upgrade', (request) => heard.push(request.url));

  const odd = await upgrade(node, '//theirs');
  const dots = await upgrade(node, '/theirs/../stomp');
  const below = await upgrade(node, '/ws/info');
  const withBody = await RawClient.open(node.port);
  withBody.send(get('/theirs', ...UPGRADE, 'Content-Length: 5'));
  const ours = await upgrade(node, '/stomp');

  expect(await Promise.all([odd, dots, below, withBody, ours].map((raw) => raw.answers(1)))).toEqual([
    [400],
    [400],
    [404],
    [400],
    [400],
  ]);
  expect(heard).toEqual([]);
});

it('where nobody else listens, what is not ours is 404', async () => {
  const raw = await upgrade(await start(), '/theirs');

  expect(await raw.answers(1)).toEqual([404]);
});

it('a client that resets before another library has its socket does not end the process', async () => {
  const node = await start();
  const asked = once(node.server, 'upgrade');
  const raw = await upgrade(node, '/theirs');
  await asked;

  raw.cut();
  await raw.closed;

  expect(await (await upgrade(node, '/ws/info')).answers(1)).toEqual([404]);
});
