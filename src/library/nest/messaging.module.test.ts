import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Module, Post, Res, type INestApplication } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Client, type IMessage, type IStompSocket } from '@stomp/stompjs';
import type { Response } from 'express';
import type { FastifyReply } from 'fastify';
import SockJS from 'sockjs-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Refusal, type Answer } from '../errors.js';
import type { User } from '../session/ports.js';
import { DestinationVariable, MessageMapping, Payload, Principal, SubscribeMapping } from './decorators.js';
import { EventStreams } from './event-streams.js';
import { MessagingModule } from './messaging.module.js';
import { MessagingTemplate } from './template.js';

let login: AbortController;

function userOf(name: string): User {
  return { name, roles: [], expiresAt: Date.now() + 60_000, ended: login.signal };
}

/** An application of somebody else, in a few lines. */
class SoldOut extends Refusal<'sold_out'> {
  constructor() {
    super('sold_out', 'The last ticket is gone.');
  }
  override get answer(): Answer {
    return { status: 410 };
  }
}

@Controller()
class ChatController {
  constructor(
    private readonly template: MessagingTemplate,
    private readonly streams: EventStreams,
  ) {}

  @MessageMapping('/rooms/{room}')
  say(@DestinationVariable('room') room: string, @Payload() text: string, @Principal() { name }: User): void {
    this.template.convertAndSend(`/topic/rooms/${room}`, { name, text });
  }

  @SubscribeMapping('/rooms')
  rooms(): string[] {
    return ['blue', 'green'];
  }

  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }

  @Get('refused')
  refused(): never {
    throw new Refusal('idempotency_conflict', 'That key is taken.');
  }

  @Get('sold-out')
  soldOut(): never {
    throw new SoldOut();
  }

  @Get('unanswered')
  unanswered(): never {
    throw new Refusal('queue_full', 'Nobody consumes it.');
  }

  @Get('rooms')
  stream(@Res() response: Response | FastifyReply): Promise<void> {
    return this.streams.open({
      response: 'raw' in response ? response.raw : response,
      user: userOf('ada'),
      address: '/topic/rooms/**',
      greeting: { event: 'hello', data: 'ada' },
    });
  }
}

@Module({
  imports: [
    MessagingModule.forRoot({
      authenticator: { authenticate: ({ login: name }) => Promise.resolve(userOf(name ?? 'nobody')) },
      authorizer: { isAllowed: () => true },
      limits: { connectionsPerUser: 2, streamsPerUser: 2 },
      allowedOrigins: ['https://a.example'],
      endpoints: [
        { sockJsPath: '/partners', webSocketPath: '/partners-stomp', allowedOrigins: ['https://b.example'] },
      ],
    }),
  ],
  controllers: [ChatController],
})
class ChatModule {}

let application: INestApplication;
let url: string;
const clients: Client[] = [];

const adapters: [string, () => AbstractHttpAdapter][] = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
];

describe.each(adapters)('on %s', (_, adapter) => {
  beforeEach(async () => {
    login = new AbortController();
    application = await NestFactory.create(ChatModule, adapter(), {
      logger: false,
      abortOnError: false,
      forceCloseConnections: true,
    });
    await application.listen(0, '127.0.0.1');
    url = await application.getUrl();
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.deactivate({ force: true })));
    await application.close();
  });

  describe('a Nest application with the messaging module', () => {
    it.each(['websocket', 'sockjs'] as const)(
      'serves a stock client: methods, template, %s',
      async (socket) => {
        const client = await connected(socket);
        const heard = firstMessage(client, '/topic/rooms/*');

        client.publish({
          destination: '/app/rooms/blue',
          body: 'hello',
          headers: { 'content-type': 'text/plain' },
        });

        const { headers, body } = await heard;
        expect(headers['destination']).toBe('/topic/rooms/blue');
        expect(JSON.parse(body)).toEqual({ name: 'ada', text: 'hello' });
      },
    );

    it('answers a subscription to a method with its value', async () => {
      const client = await connected();

      const { body } = await firstMessage(client, '/app/rooms');

      expect(JSON.parse(body)).toEqual(['blue', 'green']);
    });

    it('lets SockJS read its own bodies, whatever their type', async () => {
      // Of its own: the library keeps the sessions of all its servers in one table, and some time longer than they are open.
      const session = `${url}/ws/000/${randomUUID()}`;
      await fetch(`${session}/xhr`, { method: 'POST' });

      const sent = await fetch(`${session}/xhr_send`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(['CONNECT\naccept-version:1.2\nhost:x\nlogin:ada\npasscode:x\n\n\0']),
      });
      const answer = await fetch(`${session}/xhr`, { method: 'POST' });

      expect(sent.status).toBe(204);
      expect(await answer.text()).toMatch(/^a\["CONNECTED\\n/);
    });

    it('leaves the bodies of other requests to their readers', async () => {
      const headers = { 'Content-Type': 'application/json' };

      const response = await fetch(`${url}/echo`, { method: 'POST', headers, body: '{"a":1}' });

      expect(await response.json()).toEqual({ a: 1 });
    });

    it.each([
      ['of ours', '/refused', 409, 'That key is taken.'],
      ['by a code of its own', '/sold-out', 410, 'The last ticket is gone.'],
    ])(
      'answers a refusal %s with its status, without a filter',
      async (_whose, path, statusCode, message) => {
        const response = await fetch(url + path);

        expect(response.status).toBe(statusCode);
        expect(await response.json()).toEqual({ statusCode, message });
      },
    );

    it('takes a refusal whose code has no status for a fault of its own', async () => {
      expect((await fetch(`${url}/unanswered`)).status).toBe(500);
    });

    it.each([
      ['/ws', 'https://a.example', 101],
      ['/ws', 'https://b.example', 403],
      ['/stomp', 'https://b.example', 403],
      ['/partners', 'https://b.example', 101],
      ['/partners-stomp', 'https://b.example', 101],
      ['/partners/000/abcdefgh/websocket', 'https://b.example', 101],
      ['/partners', 'https://a.example', 403],
      ['/partners-stomp', 'https://a.example', 403],
      ['/nowhere', 'https://a.example', 404],
    ])('takes a WebSocket at %s from a page of %s: %d', async (path, origin, status) => {
      const socket = new WebSocket(url.replace('http', 'ws') + path, { origin });

      const answer = await new Promise<number | undefined>((resolve) => {
        socket.on('upgrade', ({ statusCode }) => resolve(statusCode));
        socket.on('unexpected-response', (_, { statusCode }) => resolve(statusCode));
        socket.on('error', () => undefined);
      });
      socket.terminate();

      expect(answer).toBe(status);
    });

    it.each([
      ['/ws/info', 'https://a.example', 200],
      ['/ws/info', 'https://b.example', 403],
      ['/partners/info', 'https://b.example', 200],
      ['/partners/info', 'https://a.example', 403],
    ])('takes SockJS at %s from a page of %s: %d', async (path, origin, status) => {
      expect((await fetch(url + path, { headers: { Origin: origin } })).status).toBe(status);
    });

    it('tells its clients when it closes', async () => {
      const client = await connected();
      const closed = new Promise<number>((resolve) => {
        client.onWebSocketClose = (event: { code: number }) => resolve(event.code);
      });

      await application.close();

      expect(await closed).toBe(1001);
    });
  });

  describe('an event stream', () => {
    it('begins with its greeting', async () => {
      const stream = await openStream();

      expect(await stream.until('ada\n\n')).toBe('retry: 3000\nevent: hello\ndata: ada\n\n');
    });

    it('has what is published from then on', async () => {
      const stream = await openStream();

      application
        .get(MessagingTemplate)
        .at({ epoch: 'e', seq: 7 })
        .convertAndSend('/topic/rooms/green', 'news', { 'event-type': 'said' });

      expect(await stream.until('news\n\n')).toMatch(/id: e:7\nevent: said\ndata: news\n\n$/);
    });

    it('ends with the login of its reader', async () => {
      const stream = await openStream();

      login.abort();

      expect(await stream.whole()).toMatch(/retry: 3000\n$/);
    });

    it('is refused beyond the streams that a user may have, and counted apart from sockets', async () => {
      await connected();
      await openStream();
      await openStream();

      const third = await fetch(`${url}/rooms`);

      expect(third.status).toBe(429);
    });

    it('makes place when its reader leaves', async () => {
      const first = await openStream();
      const second = await openStream();
      await first.leave();
      await second.leave();

      await expect.poll(async () => (await fetch(`${url}/rooms`)).status).toBe(200);
    });
  });
});

const sockets = {
  websocket: () => new WebSocket(`${url.replace('http', 'ws')}/ws`, 'v12.stomp'),
  sockjs: () => new SockJS(`${url}/ws`, undefined, { transports: 'xhr-streaming' }) as IStompSocket,
};

it('refuses to start on a server of HTTP/2', async () => {
  const options = { logger: false, abortOnError: false } as const;
  const onHttp2 = await NestFactory.create(ChatModule, new FastifyAdapter({ http2: true }), options);

  await expect(onHttp2.init()).rejects.toThrow('needs a server of HTTP/1.1');
});

async function connected(socket: keyof typeof sockets = 'websocket'): Promise<Client> {
  const client = new Client({
    webSocketFactory: sockets[socket],
    connectHeaders: { login: 'ada', passcode: 'x' },
    reconnectDelay: 0,
  });
  clients.push(client);
  const ready = new Promise<void>((resolve) => {
    client.onConnect = () => resolve();
  });
  client.activate();
  await ready;
  return client;
}

function firstMessage(client: Client, destination: string): Promise<IMessage> {
  return new Promise((resolve) => {
    client.subscribe(destination, resolve);
  });
}

interface OpenStream {
  /** All that came so far, once it ends with this. */
  until(end: string): Promise<string>;
  whole(): Promise<string>;
  leave(): Promise<void>;
}

async function openStream(): Promise<OpenStream> {
  const response = await fetch(`${url}/rooms`);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const more = async (): Promise<boolean> => {
    const { done, value } = await reader.read();
    text += value ?? '';
    return !done;
  };
  return {
    async until(end) {
      while (!text.endsWith(end)) {
        if (!(await more())) expect.fail(`the stream ended: ${text}`);
      }
      return text;
    },
    async whole() {
      while (await more());
      return text;
    },
    leave: () => reader.cancel(),
  };
}
