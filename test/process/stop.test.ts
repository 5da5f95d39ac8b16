import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, type RawData } from 'ws';
import { signIn } from '../caller.js';
import { startServer, stopServers, type RunningServer } from '../server.js';

afterEach(stopServers);

describe('a server that is told to stop', () => {
  it('sends its clients away one after another, is not ready meanwhile, and ends with 0', async () => {
    // Two connections: the first goes at once, the second after half of this.
    const server = await startServer({ environment: { DRAIN_MS: '2000' } });
    const socket = await connectedSocket(server);
    const stream = await openStream(server);
    const start = performance.now();

    server.kill('SIGTERM');
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
    const ready = await fetch(`${server.url}/readyz`);
    const live = await fetch(`${server.url}/livez`);

    expect([code, reason.toString()]).toEqual([1001, 'server_drain']);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ code: 'unavailable' });
    expect(live.status).toBe(200);
    expect(await stream.text()).toMatch(/retry: 3000\n$/);
    expect((await server.ended).code).toBe(0);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('takes no new connections while it drains', async () => {
    const server = await startServer({ environment: { DRAIN_MS: '2000' } });
    const socket = await connectedSocket(server);
    await openStream(server);

    server.kill('SIGTERM');
    await once(socket, 'close');
    const late = new WebSocket(`${server.url.replace('http', 'ws')}/stomp`);
    const [, response] = (await once(late, 'unexpected-response')) as [unknown, { statusCode: number }];

    expect(response.statusCode).toBe(503);
  });

  it('closes a kept-alive connection with the answer, so that no proxy sends its next request there', async () => {
    const server = await startServer({ environment: { DRAIN_MS: '2000' } });
    const socket = await connectedSocket(server);
    await openStream(server);
    const [before] = await answersOnOneSocket(server);

    server.kill('SIGTERM');
    await once(socket, 'close');
    const [during, isClosed] = await answersOnOneSocket(server);

    expect(before).toMatch(/^connection: keep-alive\r$/im);
    expect(during).toMatch(/^connection: close\r$/im);
    expect(isClosed).toBe(true);
  });

  it('ends at once at the second signal', async () => {
    const server = await startServer({ environment: { DRAIN_MS: '8000' } });
    const socket = await connectedSocket(server);
    await openStream(server);

    server.kill('SIGTERM');
    await once(socket, 'close');
    server.kill('SIGINT');

    expect((await server.ended).code).toBe(1);
  });

  it('ends with 0 when nobody is there', async () => {
    const server = await startServer();

    server.kill('SIGINT');

    expect((await server.ended).code).toBe(0);
  });
});

/** A STOMP session of the doctor. */
async function connectedSocket({ url }: RunningServer): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/stomp`, 'v12.stomp');
  await once(socket, 'open');
  socket.send('CONNECT\naccept-version:1.2\nhost:x\nlogin:doctor@example.org\npasscode:carillon\n\n\0');
  const [frame] = (await once(socket, 'message')) as [RawData];
  expect((frame as Buffer).toString()).toMatch(/^CONNECTED\n/);
  return socket;
}

/** Its answer to /livez, with the head, and whether it closed the socket after that. */
async function answersOnOneSocket({ port }: RunningServer): Promise<[answer: string, isClosed: boolean]> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
  let answer = '';
  socket.setEncoding('utf8').on('data', (part: string) => (answer += part));
  await once(socket, 'data');
  if (/keep-alive/i.test(answer)) {
    socket.destroy();
    return [answer, false];
  }
  await once(socket, 'end');
  return [answer, true];
}

/** An event stream of the patient, once it has begun. */
async function openStream({ url }: RunningServer): Promise<Response> {
  const { token } = await signIn(url, 'patient@example.org');
  return fetch(`${url}/api/notifications/stream`, { headers: { Authorization: `Bearer ${token}` } });
}
