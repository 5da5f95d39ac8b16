import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { SessionRegistry } from '../../src/library/session/registry.js';
import {
  closeClients,
  connected,
  gates,
  next,
  startSocketIo,
  type SocketIoApp,
} from '../dialects/socket-io-app.js';

// What a stranger, or a client, can make grow on Socket.IO's path.
let app: SocketIoApp;

beforeAll(async () => {
  app = await startSocketIo({
    allowedOrigins: ['https://pages.example'],
    limits: {
      connectMs: 2_000,
      pingMs: 2_000,
      socketIoPongMs: 2_000,
      outboxBytes: 4 * 1024 * 1024,
      closeMs: 200,
    },
  });
});
afterEach(closeClients);
afterAll(() => app.application.close());

/** For what ends by a limit of time. */
const LATER = { timeout: 30_000 };

const query = '?EIO=4&transport=polling';

function at(path: string): string {
  return `${app.url}/socket.io/${path}`;
}

/** A session over polling. @returns its id */
async function handshake(): Promise<string> {
  const text = await (await fetch(at(query))).text();
  return (JSON.parse(text.slice(1)) as { sid: string }).sid;
}

async function post(sid: string, body: string): Promise<Response> {
  return fetch(at(`${query}&sid=${sid}`), { method: 'POST', body });
}

async function poll(sid: string): Promise<Response> {
  return fetch(at(`${query}&sid=${sid}`));
}

async function signedIn(token = 'ada'): Promise<string> {
  const sid = await handshake();
  expect((await post(sid, `40{"token":"${token}"}`)).status).toBe(200);
  expect(await (await poll(sid)).text()).toMatch(/^40\{/);
  return sid;
}

/** The status of an upgrade that isn't made. */
async function refusedUpgrade(path: string, headers: Record<string, string> = {}): Promise<string> {
  const socket = new WebSocket(at(path).replace('http', 'ws'), { headers });
  const [error] = (await once(socket, 'error')) as [Error];
  return error.message;
}

describe('pages of other origins', () => {
  it.each(['GET', 'POST', 'OPTIONS'])('are refused %s', async (method) => {
    const response = await fetch(at(query), { method, headers: { origin: 'https://evil.example' } });

    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('are refused the upgrade', async () => {
    expect(await refusedUpgrade('?EIO=4&transport=websocket', { origin: 'https://evil.example' })).toMatch(
      /403/,
    );
  });

  it('that are allowed may read the answers, with credentials', async () => {
    const origin = 'https://pages.example';
    const response = await fetch(at(query), { headers: { origin } });
    const preflight = await fetch(at(query), {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });

    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    expect(preflight.status).toBe(204);
  });
});

describe('a target', () => {
  it.each([
    ['below the path', 'x', 404],
    ['that is written in another way', '%2e%2e/', 400],
    ['that names a session twice', `${query}&sid=a&sid=b`, 400],
    ['of no transport', '?EIO=4', 400],
    ['of an older protocol', '?EIO=3&transport=polling', 400],
    ['with the id of a session of nobody', `${query}&sid=constructor`, 400],
  ])('%s is refused', async (_, path, status) => {
    const { hostname, port } = new URL(app.url);
    const asked = request({ hostname, port, path: `/socket.io/${path}` }).end();
    const [response] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();

    expect(response.statusCode).toBe(status);
  });
});

describe('bodies', () => {
  it('of 64 MB without a session are answered before they have come', async () => {
    const before = process.memoryUsage().rss;

    const [status] = await halfPost(`/socket.io/${query}&sid=nobody`, 64 * 1024 * 1024);

    expect(status).toMatch(/^HTTP\/1.1 400/);
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * 1024 * 1024);
  });

  it('of 64 MB end their session, which keeps none of it', async () => {
    const sid = await signedIn();

    const [status] = await halfPost(`/socket.io/${query}&sid=${sid}`, 64 * 1024 * 1024);

    expect(status).toMatch(/^HTTP\/1.1 413/);
    await expect.poll(() => app.registry.users()).toEqual([]);
  });

  it('of a stranger are short', async () => {
    const sid = await handshake();

    expect((await post(sid, 'x'.repeat(100_000))).status).toBe(413);
    await expect.poll(async () => (await poll(sid)).status).toBe(400);
  });

  it('of a million packets are not taken', async () => {
    const sid = await signedIn();

    expect((await post(sid, '3\x1e'.repeat(400_000))).status).toBe(429);
    await expect.poll(() => app.registry.users()).toEqual([]);
  });
});

describe('a client whose events take long', () => {
  it('is answered no post while more waits than is kept of it', async () => {
    const sid = await signedIn('cleo');
    await post(sid, '42["slow","a"]');
    await expect.poll(() => gates.length).toBe(1);
    // It waits, and is as long as all that may.
    await post(sid, `42["say","a","${'x'.repeat(100_000)}"]`);
    let isAnswered = false;
    const next = post(sid, '42["say","a","y"]').then(({ status }) => {
      isAnswered = true;
      return status;
    });
    for (let i = 0; i < 5; i++) await handshake();
    expect(isAnswered).toBe(false);

    gates.splice(0).forEach((open) => open());

    expect(await next).toBe(200);
  });

  it('that is ended while a post waits is answered, and nothing is kept of it', async () => {
    const sid = await signedIn('dora');
    await post(sid, '42["slow","a"]');
    await expect.poll(() => gates.length).toBe(1);
    await post(sid, `42["say","a","${'x'.repeat(100_000)}"]`);
    const waiting = post(sid, '42["say","a","y"]');
    // A second poll beside the first ends the session.
    await Promise.all([poll(sid), poll(sid)]);

    expect((await waiting).status).toBe(400);
    gates.splice(0).forEach((open) => open());
    expect(app.registry.user('dora')).toBeUndefined();
  });
});

describe('a second WebSocket of one session', () => {
  it('is refused, and what the first one brings counts as its user’s', async () => {
    const sid = await handshake();
    const upgraded = new WebSocket(at(`?EIO=4&transport=websocket&sid=${sid}`).replace('http', 'ws'));
    await once(upgraded, 'open');
    upgraded.send('2probe');
    await once(upgraded, 'message');
    upgraded.send('5');
    const second = new WebSocket(at(`?EIO=4&transport=websocket&sid=${sid}`).replace('http', 'ws'));
    await once(second, 'close');
    upgraded.send('40{"token":"eve"}');
    await once(upgraded, 'message');

    // The beginning of a message that never ends.
    upgraded.send('4'.repeat(50_000), { fin: false });

    const registry = app.application.get(SessionRegistry);
    await expect.poll(() => registry.shareOf('eve').input.used).toBeGreaterThan(40_000);
    expect(registry.strangers.input.used).toBe(0);
    upgraded.terminate();
  });
});

describe('sessions', () => {
  it('that never say who they are end', async () => {
    await Promise.all(Array.from({ length: 20 }, handshake));
    expect(app.endpoints.connections.count).toBeGreaterThan(0);

    await expect.poll(() => app.endpoints.connections.count, LATER).toBe(0);
  });

  it('that never poll again end, however much waits for them', async () => {
    await signedIn();
    app.template.convertAndSendToUser('ada', '/queue/talk', 'x'.repeat(100_000), {});

    await expect.poll(() => app.registry.users(), LATER).toEqual([]);
    await expect.poll(() => app.endpoints.connections.count).toBe(0);
  });

  it('end where a second poll comes beside the first', async () => {
    const sid = await signedIn();
    const first = poll(sid);
    await expect.poll(async () => (await poll(sid)).status).toBe(400);

    expect((await first).status).toBeLessThan(500);
    await expect.poll(() => app.registry.users()).toEqual([]);
  });

  it('have ids that nobody guesses, with the node’s name', async () => {
    expect(await handshake()).toMatch(/^one\.[\w-]{24}$/);
  });

  it('take one CONNECT', async () => {
    const sid = await handshake();
    await post(sid, '40{"token":"ada"}\x1e40{"token":"bob"}');

    await expect.poll(() => app.registry.users()).toEqual([]);
  });
});

describe.each(['polling', 'websocket'])('over %s', (transport) => {
  it('a client that stops reading is closed, and the others are not delayed', async () => {
    const slow = await deaf(transport);
    const bob = await connected(app.connect('bob', { transports: [transport] }));
    const text = 'x'.repeat(100_000);

    for (let i = 0; i < 120; i++) app.template.convertAndSendToUser('ada', '/queue/talk', text, {});
    const heard = next(bob, 'said');
    app.template.convertAndSendToUser('bob', '/queue/talk', 1, { 'event-type': 'said' });

    expect(await heard).toEqual([1]);
    await expect.poll(() => app.registry.user('ada'), LATER).toBeUndefined();
    slow();
  });
});

it('pipelined polls of one socket are answered one at a time', async () => {
  const sids = await Promise.all(Array.from({ length: 3 }, () => signedIn()));
  const { port } = new URL(app.url);
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
  let text = '';
  socket.on('data', (piece: string) => (text += piece));
  socket.write(sids.map((sid) => `GET /socket.io/${query}&sid=${sid} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  app.template.convertAndSendToUser('ada', '/queue/talk', 1, { 'event-type': 'said' });

  await expect.poll(() => text.split('HTTP/1.1 200').length - 1).toBe(3);
  socket.destroy();
});

/** Signs in as ada, and reads nothing from then on. @returns leaves */
async function deaf(transport: string): Promise<() => void> {
  if (transport === 'polling') {
    await signedIn();
    return () => undefined;
  }
  const socket = new WebSocket(at('?EIO=4&transport=websocket').replace('http', 'ws'));
  await once(socket, 'open');
  socket.send('40{"token":"ada"}');
  await expect.poll(() => app.registry.user('ada')).toBeDefined();
  socket.pause();
  return () => socket.terminate();
}

/** Sends the head of a POST, and of its body what the server takes. @returns the first line of the answer */
async function halfPost(path: string, bytes: number): Promise<string[]> {
  const { port } = new URL(app.url);
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n`);
  socket.write('x'.repeat(1024 * 1024));
  const [answer] = (await once(socket, 'data')) as [string];
  socket.destroy();
  return answer.split('\r\n');
}
