import { readdirSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startServer, stopServers } from '../server.js';
import { get, post, RawClient } from './raw-client.js';

afterAll(stopServers);

/** Few, but Node opens that many modules at once when it starts. */
const OPEN_FILES = 512;

it.each([
  ['say nothing', async (port: number) => (await RawClient.open(port)).socket],
  [
    'are WebSockets',
    async (port: number) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/stomp`);
      socket.on('error', () => undefined);
      await new Promise((settled) => socket.on('open', settled).on('close', settled));
      return socket;
    },
  ],
  [
    'ask for files and read nothing',
    async (port: number) => {
      const raw = await RawClient.open(port, { isReading: false });
      raw.send(get('/api/docs/swagger-ui-bundle.js'));
      return raw.socket;
    },
  ],
])('sockets of one address that %s never take all descriptors of the process', async (_, open) => {
  const server = await startServer({ openFiles: OPEN_FILES, environment: { LIMIT_CONNECT_MS: '60000' } });

  const opened = [];
  for (let i = 0; i < OPEN_FILES; i++) opened.push(await open(server.port));
  const held = readdirSync(`/proc/${server.pid}/fd`).length;
  const others = await Promise.all(
    ['127.0.0.2', '127.0.0.3'].map((from) => RawClient.open(server.port, { from })),
  );
  const login = JSON.stringify({ email: 'patient@example.org', password: 'carillon' });
  for (const other of others) other.send(post('/api/auth/login', login, 'Content-Type: application/json'));

  expect(held).toBeLessThan(OPEN_FILES);
  for (const other of others) {
    expect(await other.answers(1)).toEqual([200]);
    other.send(get('/api/docs/swagger-ui-bundle.js'));
    expect(await other.answers(2)).toEqual([200, 200]);
  }
  expect(server.output()).not.toMatch(/EMFILE|ENFILE/);
  for (const socket of opened)
    if (socket instanceof WebSocket) socket.terminate();
    else socket.destroy();
});
