import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Limits } from '../../src/library/limits.js';
import { attachStomp } from '../../src/library/transport/attach-stomp.js';
import { get, post, RawClient } from './raw-client.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** @returns its port */
async function start(listener: RequestListener, limits: Partial<Limits> = {}): Promise<number> {
  const server = createServer(listener);
  const attached = await attachStomp(server, {
    authenticator: { authenticate: () => Promise.reject(new Error('Nobody comes in here.')) },
    authorizer: { isAllowed: () => true },
    limits,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    await attached.close();
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function client(port: number, from?: string): Promise<RawClient> {
  const raw = await RawClient.open(port, from === undefined ? {} : { from });
  ends.push(() => raw.socket.destroy());
  return raw;
}

/** Answers with what it has read of the body. */
const reader: RequestListener = (request, response) => {
  let bytes = 0;
  request.on('data', (piece: Buffer) => (bytes += piece.byteLength));
  request.on('end', () => response.end(`[${bytes}]`));
};

const chunked = 'POST /x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('a body that has not come whole', () => {
  it('holds no place of its network where it is short', async () => {
    const port = await start(reader, { requestsPerAddress: 1, requestBodiesPerAddress: 1 });
    const half = await Promise.all([1, 2, 3].map(() => client(port)));
    for (const raw of half) raw.send('POST /x HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhal');

    const [asking, posting] = [await client(port), await client(port)];
    asking.send(get('/x'));
    posting.send(post('/x', 'whole'));

    expect(await asking.answers(1)).toEqual([200]);
    expect(await posting.until('[5]')).toContain('200 OK');
    half[1]?.send('f, done');
    expect(await half[1]?.until('[10]')).toContain('200 OK');
  });

  it.each([
    ['long', 'POST /x HTTP/1.1\r\nHost: test\r\nContent-Length: 100000\r\n\r\n'],
    ['of unknown length', chunked],
    [
      'of a client that waits to be asked for it',
      'POST /x HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n',
    ],
  ])('holds up only others of its network that are like it where it is %s', async (_, head) => {
    const port = await start(reader, { requestsPerAddress: 1, requestBodiesPerAddress: 1 });
    const half = await Promise.all([1, 2, 3].map(() => client(port)));
    for (const raw of half) raw.send(head);

    const [asking, posting, other] = [
      await client(port),
      await client(port),
      await client(port, '127.0.0.2'),
    ];
    asking.send(get('/x'));
    posting.send(post('/x', 'whole'));
    other.send(post('/x', 'x'.repeat(50_000)));

    expect(await asking.answers(1)).toEqual([200]);
    expect(await posting.until('[5]')).toContain('200 OK');
    expect(await other.until('[50000]')).toContain('200 OK');
  });

  it('is cut where it comes by and by and somebody else waits for its place', async () => {
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const port = await start(
      (request, response) => {
        begin();
        reader(request, response);
      },
      { requestBodies: 1, requestPlaceMs: 100 },
    );
    const [slow, other] = [await client(port), await client(port, '127.0.0.2')];
    slow.send(`${chunked}5\r\nbegun\r\n`);
    await begun;

    other.send(post('/x', 'x'.repeat(50_000)));

    expect(await other.until('[50000]')).toContain('200 OK');
    await slow.closed;
  });

  it('keeps its place where it comes fast enough, whoever waits for that', async () => {
    const port = await start(reader, { requestBodies: 1, requestPlaceMs: 100, requestBodyRate: 1_000 });
    const [steady, other] = [await client(port), await client(port, '127.0.0.2')];
    steady.send(`${chunked}5\r\nbegun\r\n`);
    other.send(post('/x', 'x'.repeat(50_000)));

    for (let i = 0; i < 15; i++) {
      steady.send(`400\r\n${'x'.repeat(1_024)}\r\n`);
      await after(100);
    }
    steady.send('0\r\n\r\n');

    expect(await steady.until('[15365]')).toContain('200 OK');
    expect(await other.until('[50000]')).toContain('200 OK');
  });

  it('is ended where it comes in pieces of a byte, before they are many', async () => {
    let kept = 0;
    const port = await start((request) => request.on('data', () => (kept += 1)));
    const raw = await client(port);

    raw.send(chunked + '1\r\n[\r\n'.repeat(200_000));
    await raw.closed;

    expect(kept).toBeLessThanOrEqual(1_100);
  });
});

describe('a request that is handled for long', () => {
  it('gives its place to others of its network, and is answered all the same', async () => {
    let answer = (): unknown => undefined;
    const port = await start(
      ({ url }, response) => {
        if (url === '/poll') answer = () => response.end('polled');
        else response.end();
      },
      { requestsPerAddress: 1, requestPlaceMs: 100 },
    );
    const [poll, other] = [await client(port), await client(port)];
    poll.send(get('/poll'));
    other.send(get('/x'));

    expect(await other.answers(1)).toEqual([200]);
    answer();
    expect(await poll.until('polled')).toContain('200 OK');
  });
});

describe('the time of the event loop', () => {
  it('is shared: requests of one socket, however many, leave others theirs', async () => {
    const handled: string[] = [];
    const port = await start(
      (request, response) => {
        handled.push(request.socket.remoteAddress ?? '');
        for (const until = performance.now() + 5; performance.now() < until;);
        response.end();
      },
      { requestTurnMs: 10 },
    );
    const [many, one] = [await client(port), await client(port, '127.0.0.2')];

    many.send(get('/x').repeat(200));
    await many.answers(1);
    one.send(get('/x'));
    await one.answers(1);

    expect(handled.indexOf('127.0.0.2')).toBeLessThan(100);
    expect((await many.answers(200)).length).toBe(200);
  });

  it('is shared: pieces of bodies leave others theirs', async () => {
    const read = { pieces: 0 };
    const port = await start((request, response) => {
      if (request.method === 'GET') return response.end(String(read.pieces));
      request.on('data', () => {
        read.pieces += 1;
        for (const until = performance.now() + 1; performance.now() < until;);
      });
      request.on('end', () => response.end());
      return undefined;
    });
    const [many, one] = [await client(port), await client(port, '127.0.0.2')];

    // The first one alone: what comes before it is read would be read at once.
    many.send(`${chunked}1\r\n[\r\n`);
    while (read.pieces === 0) await new Promise(setImmediate);
    many.send(`${'1\r\n[\r\n'.repeat(900)}0\r\n\r\n`);
    while (read.pieces === 1) await new Promise(setImmediate);
    one.send(get('/x'));
    await one.answers(1);

    expect(read.pieces).toBeLessThan(900);
    expect(await many.answers(1)).toEqual([200]);
  });
});
