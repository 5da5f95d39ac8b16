import { Controller, Get, Module, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Client, type IMessage } from '@stomp/stompjs';
import type { Response } from 'express';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { HttpError } from '../errors.js';
import { limits } from '../limits.js';
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

  @Get('refused')
  refused(): never {
    throw new HttpError('stale_version', 'Somebody changed it.');
  }

  @Get('rooms')
  stream(@Res() response: Response): Promise<void> {
    return this.streams.open({
      response,
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
      limits: { ...limits, connectionsPerUser: 2 },
      allowedOrigins: ['https://a.example'],
      endpoints: [
        { sockJsPath: '/partners', webSocketPath: '/partners-stomp', allowedOrigins: ['https://b.example'] },
      ],
    }),
  ],
  controllers: [ChatController],
})
class ChatModule {}

let application: NestExpressApplication;
let url: string;
const clients: Client[] = [];

beforeEach(async () => {
  login = new AbortController();
  application = await NestFactory.create<NestExpressApplication>(ChatModule, {
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
  it('has its methods called, and its template heard, by a stock client', async () => {
    const client = await connected();
    const heard = firstMessage(client, '/topic/rooms/*');

    client.publish({
      destination: '/app/rooms/blue',
      body: 'hello',
      headers: { 'content-type': 'text/plain' },
    });

    const { headers, body } = await heard;
    expect(headers['destination']).toBe('/topic/rooms/blue');
    expect(JSON.parse(body)).toEqual({ name: 'ada', text: 'hello' });
  });

  it('answers a subscription to a method with its value', async () => {
    const client = await connected();

    const { body } = await firstMessage(client, '/app/rooms');

    expect(JSON.parse(body)).toEqual(['blue', 'green']);
  });

  it('lets SockJS read its own bodies, whatever their type', async () => {
    const session = `${url}/ws/000/abcdefgh`;
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

  it('answers a refusal of ours with its status, without a filter of its own', async () => {
    const response = await fetch(`${url}/refused`);

    expect(response.status).toBe(412);
    expect(await response.json()).toEqual({ statusCode: 412, message: 'Somebody changed it.' });
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

    expect(await stream.until('ada\n\n')).toBe('retry: 3000\n\nevent: hello\ndata: ada\n\n');
  });

  it('has what is published from then on', async () => {
    const stream = await openStream();

    application.get(MessagingTemplate).convertAndSend('/topic/rooms/green', 'news', {
      'event-type': 'said',
      cursor: 'e:7',
    });

    expect(await stream.until('news\n\n')).toMatch(/id: e:7\nevent: said\ndata: news\n\n$/);
  });

  it('ends with the login of its reader', async () => {
    const stream = await openStream();

    login.abort();

    expect(await stream.whole()).toMatch(/retry: 3000\n\n$/);
  });

  it('is refused beyond the connections that a user may have, and counted with sockets', async () => {
    await connected();
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

async function connected(): Promise<Client> {
  const client = new Client({
    webSocketFactory: () => new WebSocket(`${url.replace('http', 'ws')}/ws`, 'v12.stomp'),
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
