import { once } from 'node:events';
import type { Server } from 'node:http';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Client } from '@stomp/stompjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { anybody } from '../testing/anybody.js';
import { MessagingModule } from './messaging.module.js';

@Module({
  imports: [MessagingModule.forRoot({ authenticator: anybody, authorizer: { isAllowed: () => true } })],
})
class AppModule {}

let application: INestApplication<Server>;
let url: string;

beforeEach(async () => {
  application = await NestFactory.create<INestApplication<Server>>(AppModule, { logger: ['error'] });
  await application.listen(0, '127.0.0.1');
  url = (await application.getUrl()).replace('http', 'ws');
});

afterEach(() => application.close());

async function stompAt(url: string): Promise<string> {
  const client = new Client({
    webSocketFactory: () => new WebSocket(url),
    connectHeaders: { login: 'ada', passcode: 'x' },
    reconnectDelay: 0,
  });
  const connected = new Promise<string>((resolve) => {
    client.onConnect = ({ command }) => resolve(command);
    client.onWebSocketClose = () => resolve('closed');
  });
  client.activate();
  const result = await connected;
  await client.deactivate();
  return result;
}

it('somebody else’s WebSockets share the server with STOMP, each at its own paths', async () => {
  // As a gateway does, it refuses every path that isn't its own.
  const gateway = new WebSocketServer({ server: application.getHttpServer(), path: '/chat' });
  gateway.on('connection', (socket) => socket.on('message', (bytes: Buffer) => socket.send(bytes)));

  const socket = new WebSocket(`${url}/chat`);
  await once(socket, 'open');
  socket.send('hello');
  const [echo] = (await once(socket, 'message')) as [Buffer];
  const nobody = new WebSocket(`${url}/nobody`);
  const [error] = (await once(nobody, 'error')) as [Error];

  expect(echo.toString()).toBe('hello');
  expect(await stompAt(`${url}/stomp`)).toBe('CONNECTED');
  expect(await stompAt(`${url}/ws`)).toBe('CONNECTED');
  expect(error.message).toBe('Unexpected server response: 400');
  socket.terminate();
});

it('a WebSocket at a path of nobody’s is 404', async () => {
  const [error] = (await once(new WebSocket(`${url}/nobody`), 'error')) as [Error];

  expect(error.message).toBe('Unexpected server response: 404');
});
