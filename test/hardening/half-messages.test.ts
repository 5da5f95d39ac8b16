import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/library/limits.js';
import { TransportNode, type TransportNodeOptions } from '../transport-node.js';
import { RawClient } from './raw-client.js';

/** What begins on a connection and doesn't end: `ws` tells of a message at its end, and keeps it until then. */

const nodes: TransportNode[] = [];
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.cut();
  for (const node of nodes.splice(0)) await node.stop();
});

interface Node {
  readonly node: TransportNode;
  readonly tcpPort: number;
}

async function start(options: TransportNodeOptions): Promise<Node> {
  const node = await TransportNode.start(options);
  nodes.push(node);
  const { port } = await node.transports.listenTcp(0, '127.0.0.1');
  return { node, tcpPort: port };
}

/** One way in: how it is opened, and how a text goes over it, of which more is announced than comes. */
interface Way {
  open(node: Node): Promise<RawClient>;
  whole(text: string): string;
  begun(text: string): string;
}

const ways: Readonly<Record<string, Way>> = {
  WebSocket: {
    open: (node) => webSocket(node, '/stomp'),
    whole: (text) => message(text, text.length),
    begun: (text) => message(text, 1_000_000),
  },
  'SockJS over WebSocket': {
    open: (node) => webSocket(node, '/ws/000/half/websocket'),
    whole: (text) => message(JSON.stringify([text]), JSON.stringify([text]).length),
    begun: (text) => message(`["${text}`, 1_000_000),
  },
  TCP: {
    open: async ({ tcpPort }) => keep(await RawClient.open(tcpPort)),
    whole: (text) => text,
    begun: (text) => text,
  },
};

async function webSocket({ node }: Node, path: string): Promise<RawClient> {
  const client = keep(await RawClient.open(node.port));
  client.send(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  await client.until('\r\n\r\n');
  return client;
}

function keep(client: RawClient): RawClient {
  clients.push(client);
  return client;
}

/** RFC 6455, 5.2: the beginning of a text of so many bytes, masked with zeros. */
function message(text: string, length: number, { opcode = 0x81 } = {}): string {
  const head = Buffer.alloc(14);
  head.writeUInt8(opcode, 0);
  head.writeUInt8(0xff, 1);
  head.writeBigUInt64BE(BigInt(length), 2);
  return head.toString('latin1') + text;
}

const connect = (login: string): string => `CONNECT\naccept-version:1.2\nlogin:${login}\n\n\0`;

/** Headers without end, of lines that are legal each. */
const headers = (bytes: number): string => `note:${'x'.repeat(994)}\n`.repeat(Math.ceil(bytes / 1_000));

describe.each(Object.entries(ways))('over %s', (_, { open, whole, begun }) => {
  const connected = async (node: Node, login: string): Promise<RawClient> => {
    const client = await open(node);
    client.send(whole(connect(login)));
    await client.until('CONNECTED');
    return client;
  };

  it('before CONNECT nothing longer may begin than a CONNECT', async () => {
    const node = await start({ limits: { connectBytes: 20_000 } });
    const [short, long] = [await open(node), await open(node)];

    short.send(begun(`CONNECT\naccept-version:1.2\n${headers(15_000)}`));
    long.send(begun(`CONNECT\naccept-version:1.2\n${headers(25_000)}`));

    expect(await long.until('ERROR')).toMatch(/code:frame_too_large/);
    expect(short.text).not.toContain('ERROR');
  });

  it('what strangers begin has a limit for all of them, and one who only says CONNECT is let in', async () => {
    const node = await start({ limits: { inputBytesOfStrangers: 100_000 } });
    const strangers: RawClient[] = [];
    for (let i = 0; i < 4; i++) strangers.push(await open(node));

    for (const stranger of strangers) stranger.send(begun(`CONNECT\n${headers(40_000)}`));

    expect(await Promise.any(strangers.map(hasError))).toMatch(/code:rate_limited/);
    await connected(node, 'ada');
  });

  it('what a user begins has a limit over all connections; others have theirs, and the end gives it back', async () => {
    const node = await start({ limits: { inputBytesPerUser: 100_000 } });
    await connected(node, 'ada');
    const [one, two, other] = [
      await connected(node, 'ada'),
      await connected(node, 'ada'),
      await connected(node, 'bob'),
    ];
    const half = begun(`SEND\ndestination:/topic/x\n\n${'x'.repeat(70_000)}`);

    one.send(half);
    other.send(half);
    two.send(half);

    expect(await Promise.any([one, two].map(hasError))).toMatch(/code:rate_limited/);
    expect(other.text).not.toContain('ERROR');
    one.cut();
    two.cut();
    await Promise.all([one.closed, two.closed]);
    await expect.poll(() => node.node.transports.connections.count).toBe(2);
    const again = await connected(node, 'ada');
    again.send(half);
    again.send('x'.repeat(1_000));
    other.send('x'.repeat(1_000));
    await connected(node, 'ada');
    expect(again.text).not.toContain('ERROR');
  });
});

async function hasError(client: RawClient): Promise<string> {
  await client.until('ERROR');
  if (!client.text.includes('ERROR')) throw new Error('It has ended without one');
  return client.until('\0');
}

describe('a message of very many fragments', () => {
  const fragment = message('x', 1, { opcode: 0x00 });
  const first = message('\n', 1, { opcode: 0x01 });
  const connected = async (node: Node): Promise<RawClient> => {
    const client = await webSocket(node, '/stomp');
    client.send(message(connect('ada'), connect('ada').length));
    await client.until('CONNECTED');
    return client;
  };

  it('is refused: each is kept by itself', async () => {
    const client = await connected(await start({ limits: { messagePieces: 100 } }));

    client.send(first + fragment.repeat(100));

    expect(await client.until('ERROR')).toMatch(/code:frame_too_large/);
  });

  it('weighs more than its bytes, pings between them too', async () => {
    const client = await connected(await start({ limits: { inputBytesPerUser: 100_000 } }));
    const ping = message('', 0, { opcode: 0x89 });

    client.send(first + `${fragment}${ping}`.repeat(1_000));

    expect(await client.until('ERROR')).toMatch(/code:rate_limited/);
  });

  it('passes where it is none too many', async () => {
    const client = await connected(await start({}));
    const frame = 'SUBSCRIBE\nid:0\ndestination:/topic/x\nreceipt:r\n\n\0';

    client.send(
      message('\n', 1, { opcode: 0x01 }) +
        frame
          .split('')
          .map((byte) => message(byte, 1, { opcode: 0x00 }))
          .join('') +
        message('', 0, { opcode: 0x80 }),
    );

    expect(await client.until('RECEIPT')).toContain('RECEIPT');
  });
});

describe('a post of SockJS', () => {
  it('is no longer than a CONNECT before there was one, whether its length is announced or not', async () => {
    const { node } = await start({ limits: { connectBytes: 1_000 } });
    const session = node.url('/ws/000/post');
    const opening = new AbortController();
    const stream = await fetch(`${session}/xhr_streaming`, { method: 'POST', signal: opening.signal });
    const send = (body: string | ReadableStream): Promise<Response> =>
      fetch(`${session}/xhr_send`, { method: 'POST', body, duplex: 'half' });
    const long = JSON.stringify(['x'.repeat(3_000)]);

    expect((await send(long)).status).toBe(413);
    expect((await send(new Blob([long]).stream())).status).toBe(413);
    expect((await send(JSON.stringify([connect('ada')]))).status).toBe(204);
    await told(stream, 'CONNECTED');
    expect((await send(JSON.stringify(['\n'.repeat(3_000)]))).status).toBe(204);
    opening.abort();
  });
});

async function told(response: Response, text: string): Promise<void> {
  let all = '';
  for await (const bytes of response.body ?? []) {
    all += Buffer.from(bytes as Uint8Array).toString();
    if (all.includes(text)) return;
  }
}

it('by default a CONNECT may have a token as long as a header line may be', () => {
  expect(limits.connectBytes).toBeGreaterThan(2 * limits.headerLineBytes);
});
