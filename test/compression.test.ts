import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { attachStomp, type AttachedBroker } from '../src/library/transport/attach-stomp.js';
import { anybody } from '../src/library/testing/anybody.js';
import { closeClients, connected, next, startSocketIo, type SocketIoApp } from './dialects/socket-io-app.js';

const MIB = 1024 * 1024;
const CONNECT = 'CONNECT\naccept-version:1.2\nlogin:ada\n\n\0';
const text = 'what repeats itself '.repeat(5_000);

let server: Server;
let broker: AttachedBroker;
let url: string;
let app: SocketIoApp;

beforeAll(async () => {
  server = createServer();
  broker = await attachStomp(server, {
    authenticator: anybody,
    authorizer: { isAllowed: () => true },
    compression: true,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  app = await startSocketIo({ compression: true });
});
afterAll(async () => {
  closeClients();
  await app.application.close();
  await broker.close();
  server.close();
});

/** A WebSocket that may offer compression, and hears the news. */
async function subscriber(perMessageDeflate = true): Promise<WebSocket> {
  const socket = new WebSocket(`${url}/stomp`, { perMessageDeflate });
  await once(socket, 'open');
  const subscribed = until(socket, 'RECEIPT');
  socket.send(CONNECT);
  socket.send('SUBSCRIBE\nid:1\ndestination:/topic/news\nreceipt:r\n\n\0');
  await subscribed;
  return socket;
}

function bytesRead(socket: WebSocket): number {
  return (socket as unknown as { _socket: Socket })._socket.bytesRead;
}

function until(socket: WebSocket, sign: string): Promise<string> {
  return new Promise((resolve) =>
    socket.on('message', (message: Buffer) => message.includes(sign) && resolve(message.toString())),
  );
}

describe('a client that offers compression', () => {
  it('gets less on the wire, in order; one that does not gets it as it is', async () => {
    const [small, plain] = await Promise.all([subscriber(), subscriber(false)]);
    const heard: string[] = [];
    small.on('message', (message: Buffer) => heard.push(message.toString().split('\n\n')[1] ?? ''));
    const both = [small, plain].map((socket) => until(socket, 'the last'));

    for (const body of [text, 'short', text, 'the last'])
      broker.broker.publish({ address: '/topic/news', headers: new Map(), body: Buffer.from(body) });
    await Promise.all(both);

    expect(small.extensions).toMatch(/^permessage-deflate/);
    expect(heard).toEqual([text, 'short', text, 'the last'].map((body) => `${body}\0`));
    expect(bytesRead(small)).toBeLessThan(20_000);
    expect(bytesRead(plain)).toBeGreaterThan(200_000);
    small.terminate();
    plain.terminate();
  });

  it('may compress what it sends', async () => {
    const socket = await subscriber();
    const got = until(socket, 'MESSAGE');

    socket.send(`SEND\ndestination:/topic/news\n\n${text}\0`);

    expect(await got).toContain(text);
    socket.terminate();
  });

  it('that stops reading is closed', async () => {
    const socket = await subscriber();
    socket.pause();
    const noise = Buffer.from(Array.from({ length: MIB }, () => 32 + Math.floor(90 * Math.random())));

    for (let i = 0; i < 30; i++)
      broker.broker.publish({ address: '/topic/news', headers: new Map(), body: noise });

    await expect.poll(() => broker.registry.connections('ada').length).toBe(0);
    socket.terminate();
  });

  it('hears Socket.IO compressed, in order', async () => {
    const ada = await connected(
      app.connect('ada', { transports: ['websocket'], perMessageDeflate: { threshold: 0 } }),
    );
    const heard: unknown[] = [];
    ada.onAny((event: string) => heard.push(event));
    const last = next(ada, 'last');

    for (const event of ['one', 'two', 'last'])
      app.template.convertAndSendToUser('ada', '/queue/talk', text, { 'event-type': event });

    expect(await last).toEqual([text]);
    expect(heard).toEqual(['one', 'two', 'last']);
    const { ws } = ada.io.engine.transport as unknown as { ws: WebSocket };
    expect(ws.extensions).toMatch(/^permessage-deflate/);
    expect(bytesRead(ws)).toBeLessThan(20_000);
  });
});

describe('a bomb: 64 MB of nothing in 64 KB', () => {
  const bomb = Buffer.alloc(64 * MIB);

  it.each(['before', 'after'])(
    '%s CONNECT is inflated up to the limit of a message, and ends its connection',
    async (when) => {
      const socket = new WebSocket(`${url}/stomp`, { perMessageDeflate: true });
      await once(socket, 'open');
      if (when === 'after') {
        socket.send(CONNECT);
        await until(socket, 'CONNECTED');
      }
      const closed = once(socket, 'close') as Promise<[number]>;
      const before = process.memoryUsage().rss;

      socket.send(bomb);

      expect((await closed)[0]).toBe(1009);
      expect(process.memoryUsage().rss - before).toBeLessThan(48 * MIB);
    },
  );

  it('ends a session of Socket.IO too', async () => {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: true,
    });
    await once(socket, 'open');
    const closed = once(socket, 'close') as Promise<[number]>;

    socket.send(bomb);

    expect([1009, 1006, 1005]).toContain((await closed)[0]);
    await expect.poll(() => app.endpoints.connections.countOf('127.0.0.1')).toBeLessThan(2);
  });
});
