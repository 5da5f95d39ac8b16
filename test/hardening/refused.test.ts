import { once } from 'node:events';
import { afterAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startServer, stopServers } from '../server.js';
import { get, RawClient } from './raw-client.js';

afterAll(stopServers);

it('a page that is refused leaves a trace: what was seen, what to set, and how often on which way in', async () => {
  const server = await startServer({ environment: { LOG_LEVEL: 'warn' } });
  const host = new URL(server.url).host;
  const headers = { Origin: `https://${host}` };

  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/stomp`, { headers });
  socket.on('error', () => undefined);
  await once(socket, 'unexpected-response');
  await fetch(`${server.url}/ws/info`, { headers });
  await fetch(`${server.url}/api/auth/login`, { method: 'POST', headers });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();

  const told = server
    .output()
    .split('\n')
    .filter((line) => line.includes('another origin'));
  // Once in a while, however many there are.
  expect(told).toHaveLength(1);
  expect(JSON.parse(told[0] ?? '')).toMatchObject({
    origin: `https://${host}`,
    host,
    ownOrigin: `http://${host}`,
    address: '127.0.0.1',
    setting: expect.stringMatching(/^TRUST_PROXY/) as unknown,
  });
  for (const entrance of ['websocket', 'sockjs', 'http'])
    expect(metrics).toContain(`carillon_refused_total{entrance="${entrance}",reason="origin"} 1`);
  socket.terminate();
});

it('what is turned away is counted by its way in and the reason', async () => {
  const server = await startServer({
    environment: { LIMIT_CONNECT_MS: '500', LIMIT_STREAMS_PER_USER: '1' },
  });
  const address = server.url.replace('http', 'ws');
  const silent = new WebSocket(`${address}/stomp`);
  const wrong = new WebSocket(`${address}/stomp`);
  const overSockJs = new WebSocket(`${address}/ws/0/x/websocket`);
  const frame = 'CONNECT\naccept-version:1.2\nhost:x\npasscode:wrong\n\n\0';
  wrong.once('open', () => wrong.send(frame));
  overSockJs.once('open', () => overSockJs.send(JSON.stringify([frame])));
  await Promise.all([silent, wrong, overSockJs].map((socket) => once(socket, 'close')));
  const handshake = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const keyless = await RawClient.open(server.port);
  keyless.send(get('/stomp', ...handshake));
  expect(await keyless.answers(1)).toEqual([400]);
  const login = await fetch(`${server.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'patient@example.org', password: 'carillon' }),
  });
  const { token } = (await login.json()) as { token: string };
  const headers = { Authorization: `Bearer ${token}` };
  const stream = new AbortController();
  const statuses = [];
  for (let i = 0; i < 2; i++) {
    const { status } = await fetch(`${server.url}/api/notifications/stream`, {
      headers,
      signal: stream.signal,
    });
    statuses.push(status);
  }

  const metrics = await (await fetch(`${server.url}/metrics`)).text();

  expect(statuses).toEqual([200, 429]);
  for (const [entrance, reason] of [
    ['websocket', 'auth_timeout'],
    ['websocket', 'auth_failed'],
    ['websocket', 'invalid_request'],
    ['sockjs', 'auth_failed'],
    ['http', 'connection_limit'],
  ])
    expect(metrics).toContain(`carillon_refused_total{entrance="${entrance}",reason="${reason}"} 1`);
  stream.abort();
});
