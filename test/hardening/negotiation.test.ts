import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, type RawData } from 'ws';
import { TransportNode } from '../transport-node.js';

let node: TransportNode;
beforeAll(async () => (node = await TransportNode.start()));
afterAll(() => node.stop());

/** Where STOMP is spoken on a WebSocket, and how its messages lie in it. */
const endpoints = [
  { path: '/stomp', write: (frame: string) => frame, opening: false },
  { path: '/ws', write: (frame: string) => frame, opening: false },
  { path: '/ws/websocket', write: (frame: string) => frame, opening: false },
  { path: '/ws/000/abc/websocket', write: (frame: string) => JSON.stringify([frame]), opening: true },
] as const;

describe.each(endpoints)('on $path', ({ path, write, opening }) => {
  /** The answer to a CONNECT. */
  async function connect(subprotocols: string[], headers: Readonly<Record<string, string>>): Promise<string> {
    const socket = new WebSocket(node.url(path, 'ws'), subprotocols);
    const messages: string[] = [];
    socket.on('message', (message: RawData) => messages.push((message as Buffer).toString()));
    await once(socket, 'open');
    expect(socket.protocol).toBe(subprotocols.at(-1) ?? '');
    const lines = Object.entries({ login: 'ada', ...headers }).map(([name, value]) => `${name}:${value}\n`);
    socket.send(write(`CONNECT\n${lines.join('')}\n\0`));
    while (messages.length < (opening ? 2 : 1)) await once(socket, 'message');
    socket.terminate();
    const answer = messages[opening ? 1 : 0] ?? '';
    return opening ? (JSON.parse(answer.slice(1)) as string[]).join('') : answer;
  }

  it.each([
    [['v10.stomp'], '1.0,1.1,1.2', '1.0'],
    [['v11.stomp'], '1.2,1.1,1.0', '1.1'],
    [['v10.stomp', 'v11.stomp'], '1.1,1.2', '1.1'],
    [['v11.stomp', 'v12.stomp'], '1.0,1.1,1.2', '1.2'],
    [['v12.stomp'], '1.1', '1.1'],
    [[], '1.2', '1.2'],
  ])('the subprotocol of %j bounds accept-version:%s to %s', async (offered, accepted, version) => {
    expect(await connect(offered, { 'accept-version': accepted })).toMatch(
      new RegExp(`^CONNECTED\n(.+\n)*version:${version}\n`),
    );
  });

  it.each([
    [['v10.stomp'], '1.1,1.2', '1.0'],
    [['v11.stomp'], '1.2', '1.0,1.1'],
  ])('the subprotocol of %j with accept-version:%s only leaves nothing in common', async (...given) => {
    const [offered, accepted, ours] = given;
    const answer = await connect(offered, { 'accept-version': accepted });

    expect(answer).toMatch(/^ERROR\n(.+\n)*code:unsupported_version\n/);
    expect(answer).toMatch(new RegExp(`\nversion:${ours.replace(':', '\\\\c')}\n`));
  });

  it.each(['10000,10000', '10000, 10000', ' 10000 , 10000 ', '10000\t,\t10000', '010000,0010000'])(
    'heart-beat:%j is heart-beat:10000,10000',
    async (heartbeat) => {
      expect(await connect([], { 'accept-version': '1.2', 'heart-beat': heartbeat })).toMatch(
        /^CONNECTED\n(.+\n)*heart-beat:10000,10000\n/,
      );
    },
  );

  it.each(['-1,0', '+1,0', '1,0,', '1;0', '1 0', '1e3,0', '0x1,0', ''])(
    'heart-beat:%j is refused',
    async (heartbeat) => {
      expect(await connect([], { 'accept-version': '1.2', 'heart-beat': heartbeat })).toMatch(
        /^ERROR\n(.+\n)*code:invalid_header\n/,
      );
    },
  );
});

describe.each(['1.0', '1.1', '1.2'])('in STOMP %s', (version) => {
  /** What comes after so many frames. */
  async function converse(...frames: string[]): Promise<string> {
    const socket = new WebSocket(node.url('/stomp', 'ws'));
    let said = '';
    socket.on('message', (message: RawData) => (said += (message as Buffer).toString()));
    await once(socket, 'open');
    const connect = `CONNECT\nlogin:ada\naccept-version:${version}\n\n\0`;
    socket.send([connect, ...frames, 'DISCONNECT\nreceipt:bye\n\n\0'].join(''));
    await once(socket, 'close');
    return said.replace(/^CONNECTED\n[^\0]+\0/, '');
  }

  it.each(['2', ' 2', '2 ', '\t2\t', '02', '4000000000', '9'.repeat(400)])(
    'prefetch-count:%j is a whole number',
    async (count) => {
      const subscribe = `SUBSCRIBE\nid:1\ndestination:/queue/a\nack:client\nprefetch-count:${count}\nreceipt:r\n\n\0`;

      expect(await converse(subscribe)).toMatch(/receipt-id:r\n\n\0RECEIPT\nreceipt-id:bye\n/);
    },
  );

  it.each(['0', '-1', '+1', '1.5', '1e3', 'many', '1 000', '', '\u0662'])(
    'prefetch-count:%j is refused',
    async (count) => {
      const subscribe = `SUBSCRIBE\nid:1\ndestination:/queue/a\nack:client\nprefetch-count:${count}\nreceipt:r\n\n\0`;

      expect(await converse(subscribe)).toMatch(/^ERROR\n(.+\n)*code:invalid_header\n/);
    },
  );

  it.each(['client', ' client', 'client ', '\tclient'])('ack:%j is a mode', async (ack) => {
    const subscribe = `SUBSCRIBE\nid:1\ndestination:/topic/a\nack:${ack}\nreceipt:r\n\n\0`;

    expect(await converse(subscribe)).toMatch(/receipt-id:r\n\n\0RECEIPT\nreceipt-id:bye\n/);
  });

  it.each(['5', ' 5', '5 ', '005'])('content-length:%j counts five octets', async (length) => {
    const subscribe = 'SUBSCRIBE\nid:1\ndestination:/topic/count\n\n\0';
    const send = `SEND\ndestination:/topic/count\ncontent-length:${length}\n\na\0b\0c\0`;

    expect(await converse(subscribe, send)).toMatch(
      /\ncontent-length:5\n\na\0b\0c\0RECEIPT\nreceipt-id:bye\n/,
    );
  });

  it.each(['+5', '-5', '5,5', '5.0', '0x5', '5 5'])('content-length:%j is refused', async (length) => {
    const send = `SEND\ndestination:/topic/count\ncontent-length:${length}\n\na\0b\0c\0`;

    expect(await converse(send)).toMatch(/^ERROR\n(.+\n)*code:malformed_frame\n/);
  });
});
