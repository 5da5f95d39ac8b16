import type { Server } from 'node:http';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { Refusal } from '../../src/library/errors.js';
import type { Limits } from '../../src/library/limits.js';
import {
  DestinationVariable,
  MessageMapping,
  Payload,
  Principal,
} from '../../src/library/nest/decorators.js';
import { MessagingModule } from '../../src/library/nest/messaging.module.js';
import type { Dialects, MessagingOptions } from '../../src/library/nest/options.js';
import { StompEndpoints } from '../../src/library/nest/stomp-endpoints.js';
import { MessagingTemplate } from '../../src/library/nest/template.js';
import { UserRegistry } from '../../src/library/nest/user-registry.js';
import type { Authenticator, User } from '../../src/library/session/ports.js';

/** The token is the name of its user. */
const byToken: Authenticator = {
  authenticate: async ({ authorization = '' }) => {
    const [, name = ''] = /^Bearer ([a-z]+)$/.exec(authorization) ?? [];
    const user = users.get(name) ?? { name, roles: [] };
    if (name === '' || name === 'nobody') throw new Refusal('auth_failed', 'That is no token.');
    if (name === 'away') throw new Refusal('unavailable', 'The issuer does not answer.');
    return user;
  },
};

/** Users with more than a name: when their login expires, or by what it is ended. */
export const users = new Map<string, User>();

/** What methods were called with. */
export const calls: unknown[] = [];

/** What `slow` waits for. */
export const gates: (() => void)[] = [];

class Talk {
  constructor(private readonly template: MessagingTemplate) {}

  @MessageMapping('/rooms/{room}/say')
  say(
    @DestinationVariable('room') room: string,
    @Payload() payload: { text: string },
    @Principal() user: User,
  ): void {
    calls.push([room, payload, user.name]);
    for (const name of ['ada', 'bob'])
      this.template.convertAndSendToUser(
        name,
        '/queue/talk',
        { room, by: user.name, ...payload },
        { 'event-type': 'said' },
      );
  }

  @MessageMapping('/rooms/{room}/fail')
  fail(): void {
    throw new Error('a fault of ours');
  }

  @MessageMapping('/rooms/{room}/deny')
  deny(): void {
    throw new Refusal('forbidden', 'Not you.');
  }

  @MessageMapping('/rooms/{room}/slow')
  async slow(): Promise<void> {
    await new Promise<void>((resolve) => gates.push(resolve));
  }
}
Reflect.defineMetadata('design:paramtypes', [MessagingTemplate], Talk);

const at = (room: unknown, verb: string): string => `/app/rooms/${encodeURIComponent(String(room))}/${verb}`;

export const dialects: Dialects = {
  socketIo: {
    node: 'one',
    events: ['/queue/talk'],
    commands: {
      say: (room, text) => ({ destination: at(room, 'say'), body: { text } }),
      fail: (room) => ({ destination: at(room, 'fail') }),
      deny: (room) => ({ destination: at(room, 'deny') }),
      slow: (room) => ({ destination: at(room, 'slow') }),
      lost: () => ({ destination: '/app/nowhere' }),
    },
  },
};

export interface SocketIoApp {
  readonly url: string;
  readonly application: INestApplication<Server>;
  readonly template: MessagingTemplate;
  readonly registry: UserRegistry;
  readonly endpoints: StompEndpoints;
  connect(token: string, options?: Partial<ManagerOptions & SocketOptions>): Socket;
}

const opened: Socket[] = [];

/** An application that speaks Socket.IO, on a free port. */
export async function startSocketIo({
  limits = {},
  ...options
}: Partial<MessagingOptions> & { readonly limits?: Partial<Limits> } = {}): Promise<SocketIoApp> {
  @Module({
    imports: [
      MessagingModule.forRoot({
        authenticator: byToken,
        authorizer: { isAllowed: (user) => user.name !== 'mute' },
        dialects,
        limits,
        ...options,
      }),
    ],
    providers: [Talk],
  })
  class AppModule {}

  const application = await NestFactory.create<INestApplication<Server>>(AppModule, { logger: false });
  await application.listen(0, '127.0.0.1');
  const url = await application.getUrl();
  return {
    url,
    application,
    template: application.get(MessagingTemplate),
    registry: application.get(UserRegistry),
    endpoints: application.get(StompEndpoints),
    connect(token, more = {}) {
      const socket = io(url, { auth: { token }, forceNew: true, ...more });
      opened.push(socket);
      return socket;
    },
  };
}

/** Closes all clients. */
export function closeClients(): void {
  opened.splice(0).forEach((socket) => socket.disconnect());
}

/** The values of the next event of that name. */
export function next(socket: Socket, event: string): Promise<unknown[]> {
  return new Promise((resolve) => socket.once(event, (...values: unknown[]) => resolve(values)));
}

export async function connected(socket: Socket): Promise<Socket> {
  if (!socket.connected) await next(socket, 'connect');
  return socket;
}
