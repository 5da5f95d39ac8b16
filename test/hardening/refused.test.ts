import { once } from 'node:events';
import { afterAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startServer, stopServers } from '../server.js';

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
