import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import {
  createServer,
  IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Limits } from '../../src/library/limits.js';
import { attachStomp } from '../../src/library/transport/attach-stomp.js';
import { get, post, RawClient } from './raw-client.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** Requests that the application was given, to be answered when the test wants. */
class Desk {
  readonly given: { request: IncomingMessage; response: ServerResponse }[] = [];
  #wake = (): void => undefined;

  readonly listener: RequestListener = (request, response) => {
    this.given.push({ request, response });
    this.#wake();
  };

  /** Waits until it was given so many in all. */
  async until(count: number): Promise<void> {
    while (this.given.length < count) await new Promise<void>((wake) => (this.#wake = wake));
  }

  /** Waits for its n-th request. */
  async answer(n: number, text = ''): Promise<void> {
    await this.until(n + 1);
    this.given[n]?.response.end(text);
  }

  get urls(): (string | undefined)[] {
    return this.given.map(({ request }) => request.url);
  }
}

let parsed = 0;
class CountedRequest extends IncomingMessage {
  constructor(...about: ConstructorParameters<typeof IncomingMessage>) {
    super(...about);
    parsed++;
  }
}

/** A server of somebody else with the broker on it. */
async function start(
  listener: RequestListener,
  limits: Partial<Limits> = {},
): Promise<{ server: Server; port: number }> {
  parsed = 0;
  const server = createServer({ IncomingMessage: CountedRequest }, listener);
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
  return { server, port: (server.address() as AddressInfo).port };
}

async function client(port: number, options?: Parameters<typeof RawClient.open>[1]): Promise<RawClient> {
  const raw = await RawClient.open(port, options);
  ends.push(() => raw.socket.destroy());
  return raw;
}

/** Long enough for all that is on its way in this process to arrive. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

describe('requests of one socket', () => {
  it('are handled one at a time, and answered in their order', async () => {
    const desk = new Desk();
    const { port } = await start(desk.listener);
    const raw = await client(port);

    raw.send(Array.from({ length: 50 }, (_, i) => get(`/${i}`)).join(''));
    for (let i = 0; i < 50; i++) {
      await desk.until(i + 1);
      await rest();
      expect(desk.given).toHaveLength(i + 1);
      await desk.answer(i, `answer ${i}.`);
    }

    const text = await raw.until('answer 49.');
    expect([...text.matchAll(/answer (\d+)\./g)].map(([, n]) => Number(n))).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    );
  });

  it('are not parsed before their turn, however many a client sends', async () => {
    const desk = new Desk();
    const { port } = await start(desk.listener);
    const raw = await client(port);

    raw.send(get('/x').repeat(100_000));
    await desk.until(1);
    await rest();

    expect(parsed).toBeLessThan(64);
    expect(desk.given).toHaveLength(1);
  });

  it('leave another socket its turn, though each is answered at once', async () => {
    const { port } = await start((_, response) => response.end());
    const [busy, other] = [await client(port), await client(port)];

    busy.send(get('/x').repeat(5_000));
    await busy.answers(1);
    other.send(get('/y'));
    await other.answers(1);

    expect(busy.statuses.length).toBeLessThan(5_000);
    expect(await busy.answers(5_000)).toHaveLength(5_000);
  });

  it.each([
    ['a thousand chunks of a byte', 1_000, 'x', 'answered'],
    ['one chunk of a byte more', 1_001, 'x', 'cut'],
    ['ten thousand chunks of a hundred bytes', 10_000, 'x'.repeat(100), 'answered'],
  ])('whose body comes in %s', async (_, count, text, outcome) => {
    const { port } = await start((request, response) => {
      request.resume().once('end', () => response.end('read.'));
    });
    const raw = await client(port);

    raw.send('POST /x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n');
    raw.send(`${`${text.length.toString(16)}\r\n${text}\r\n`.repeat(count)}0\r\n\r\n`);
    await raw.until('read.');

    expect(raw.text.includes('read.') ? 'answered' : 'cut').toBe(outcome);
  });

  it('come with their bodies, whichever of them are in which piece', async () => {
    const desk = new Desk();
    const { port } = await start((request, response) => {
      void Readable.from(request)
        .toArray()
        .then((pieces) => response.end(`[${Buffer.concat(pieces as Buffer[]).length}]`));
      desk.listener(request, response);
    });
    const raw = await client(port);
    const sizes = [0, 5, 2_000, 1, 70_000, 1_024, 300_000, 7];
    const bytes = sizes.map((size) => post('/x', 'x'.repeat(size))).join('');

    for (let at = 0; at < bytes.length; at += 33_333) {
      raw.send(bytes.slice(at, at + 33_333));
      await rest();
    }

    await raw.until('[7]');
    expect([...raw.text.matchAll(/\[(\d+)\]/g)].map(([, size]) => Number(size))).toEqual(sizes);
  });

  it('that wait are not begun when their client has left', async () => {
    const desk = new Desk();
    const { port } = await start(desk.listener);
    const raw = await client(port);
    raw.send(get('/first') + get('/second').repeat(10_000));
    await desk.until(1);

    raw.cut();
    // The answer shows that nobody is there.
    const { response } = desk.given[0]!;
    const closed = once(response, 'close');
    response.write('x'.repeat(1_000_000));
    await closed;
    await rest();

    expect(desk.urls).toEqual(['/first']);
  });

  it('after an answer that closes are none', async () => {
    const desk = new Desk();
    const { port } = await start(desk.listener);
    const raw = await client(port);

    raw.send(get('/last') + get('/after'));
    await desk.until(1);
    desk.given[0]!.response.setHeader('Connection', 'close');
    await desk.answer(0);
    await raw.closed;

    expect(desk.urls).toEqual(['/last']);
    expect(raw.statuses).toEqual([200]);
  });

  it('run in no context of the one before', async () => {
    const user = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { port } = await start(({ url = '' }, response) => {
      seen.push(user.getStore());
      user.run(url, () => setImmediate(() => response.end()));
    });
    const raw = await client(port);

    raw.send(get('/ada') + get('/bob') + get('/eve'));

    expect(await raw.answers(3)).toEqual([200, 200, 200]);
    expect(seen).toEqual([undefined, undefined, undefined]);
  });
});

describe('an upgrade behind a request', () => {
  const webSocket = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
  ];
  const http2 = [
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQBAAAAAAIAAAAA',
  ];

  it('that is ignored leaves nothing on its socket, however often it comes', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', note);
    ends.push(() => process.off('warning', note));
    const { port } = await start((_, response) => response.end());
    const raw = await client(port);

    raw.send(get('/x', ...http2).repeat(30));

    expect(await raw.answers(30)).toHaveLength(30);
    expect(warnings).toEqual([]);
  });

  /** Since Node 24.9 such a request is the last of its socket. */
  const afterBody = 'shouldUpgradeCallback' in createServer() ? [200] : [200, 200];

  it('waits for the answer, though that is long', async () => {
    const desk = new Desk();
    const { port } = await start(desk.listener);
    const raw = await client(port);

    raw.send(get('/x') + get('/stomp', ...webSocket));
    await desk.until(1);
    Readable.from(Array.from({ length: 200 }, () => 'x'.repeat(10_000))).pipe(desk.given[0]!.response);

    expect(await raw.answers(2)).toEqual([200, 101]);
  });

  it.each([
    ['two that are ignored', get('/a', ...http2) + get('/b', ...http2), [200, 200]],
    ['two that are refused', get('/a', ...webSocket) + get('/b', ...webSocket), [404]],
    ['an ignored one, then a WebSocket', get('/a', ...http2) + get('/stomp', ...webSocket), [200, 101]],
    ['a request, then an ignored one', get('/a') + get('/b', ...http2), [200, 200]],
    ['an ignored one, then a request', get('/a', ...http2) + get('/b'), [200, 200]],
    ['an ignored one with a body', post('/a', 'x'.repeat(100_000), ...http2) + get('/b'), afterBody],
  ])('pipelined: %s', async (_, bytes, statuses) => {
    const { port } = await start((request, response) => {
      request.resume().on('end', () => setImmediate(() => response.end()));
    });
    const raw = await client(port);

    raw.send(bytes);

    expect(await raw.answers(statuses.length)).toEqual(statuses);
    if (/^Connection: close/m.test(raw.text)) await raw.closed;
  });

  it('whose client is gone ends nothing but its socket', async () => {
    const desk = new Desk();
    const { port } = await start(desk.listener);
    const raw = await client(port);
    raw.send(get('/x') + get('/stomp', ...webSocket));
    await desk.until(1);

    raw.cut();
    await once(desk.given[0]!.response, 'close');

    const other = await client(port);
    other.send(get('/y'));
    await desk.answer(1);
    expect(await other.answers(1)).toEqual([200]);
  });
});

describe('requests of one network', () => {
  it('are handled so many at a time, and another network’s don’t wait for them', async () => {
    const desk = new Desk();
    const { port } = await start(desk.listener, { requestsPerAddress: 2 });
    const many = await Promise.all([1, 2, 3, 4].map(() => client(port, { from: '127.0.0.2' })));
    many.forEach((raw, i) => raw.send(get(`/${i}`)));
    await desk.until(2);
    await rest();
    expect(desk.given).toHaveLength(2);

    const other = await client(port, { from: '127.0.0.3' });
    other.send(get('/other'));
    await desk.until(3);

    expect(desk.urls[2]).toBe('/other');
    for (let i = 0; i < 5; i++) await desk.answer(i);
    for (const raw of [...many, other]) expect(await raw.answers(1)).toEqual([200]);
  });

  it('have places in turn where all networks together have too few', async () => {
    const desk = new Desk();
    const { port } = await start(desk.listener, { requests: 1 });
    const many = await Promise.all([1, 2, 3, 4].map(() => client(port, { from: '127.0.0.2' })));
    for (const raw of many) raw.send(get('/many'));
    await desk.until(1);
    await rest();
    const other = await client(port, { from: '127.0.0.3' });
    other.send(get('/other'));
    await rest();

    await desk.answer(0);
    await desk.answer(1);
    await desk.until(3);

    expect(desk.urls.slice(1)).toContain('/other');
  });

  it('are refused where too many wait, and told when to come again', async () => {
    const desk = new Desk();
    const { port } = await start(desk.listener, { requestsPerAddress: 1, requestsWaiting: 100 });
    const waiting = await Promise.all(Array.from({ length: 101 }, () => client(port)));
    for (const raw of waiting) raw.send(get('/x'));
    await desk.until(1);
    await rest();

    const late = await client(port);
    late.send(get('/late'));

    expect(await late.answers(1)).toEqual([429]);
    expect(await late.until('rate_limited')).toMatch(/Retry-After: \d+\r\n/i);
    for (let i = 0; i < 101; i++) await desk.answer(i);
    for (const raw of waiting) expect(await raw.answers(1)).toEqual([200]);
    expect(desk.urls).not.toContain('/late');
  });

  it('whose client has left while they waited are never begun', async () => {
    const desk = new Desk();
    const { port, server } = await start(desk.listener, { requestsPerAddress: 1 });
    const first = await client(port);
    first.send(get('/first'));
    await desk.until(1);
    const gone = await client(port);
    gone.send(get('/gone'));
    await rest();
    gone.cut();
    while ((await connectionsOf(server)) > 1) await rest();
    const last = await client(port);
    last.send(get('/last'));
    await rest();

    await desk.answer(0);
    await desk.answer(1);

    expect(await last.answers(1)).toEqual([200]);
    expect(desk.urls).toEqual(['/first', '/last']);
  });

  it('that waited for a place run in no context of the one that had it', async () => {
    const user = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { port } = await start(
      ({ url = '' }, response) => {
        seen.push(user.getStore());
        user.run(url, () => setTimeout(() => response.end(), 20));
      },
      { requestsPerAddress: 1 },
    );
    const both = await Promise.all(['/ada', '/bob'].map(() => client(port)));

    both.forEach((raw, i) => raw.send(get(`/${i}`)));

    for (const raw of both) expect(await raw.answers(1)).toEqual([200]);
    expect(seen).toEqual([undefined, undefined]);
  });

  it('are none any more once they have become streams, whoever writes them', async () => {
    const { port } = await start(
      ({ url }, response) => {
        if (url !== '/stream') return response.end();
        response.setHeader('X-Powered-By', 'somebody');
        return response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
      },
      { requestsPerAddress: 1 },
    );
    const stream = await client(port);
    stream.send(get('/stream'));
    await stream.until('data: 1');

    const other = await client(port);
    other.send(get('/x'));

    expect(await other.answers(1)).toEqual([200]);
  });

  it('leave place beside SockJS’s, which wait for messages', async () => {
    const { port } = await start((_, response) => response.end(), { requestsPerAddress: 1 });
    const polls = await Promise.all(['a', 'b', 'c'].map(() => client(port)));
    for (const [i, raw] of polls.entries()) {
      raw.send(post(`/ws/0/${i}/xhr_streaming`, ''));
      await raw.until('o\n');
    }

    const other = await client(port);
    other.send(get('/x'));

    expect(await other.answers(1)).toEqual([200]);
  });
});

describe('an answer', () => {
  it('that its client does not read is cut, with all that was opened for it', async () => {
    const desk = new Desk();
    const { port } = await start(desk.listener, { answerStallMs: 100 });
    const raw = await client(port, { isReading: false });
    raw.send(get('/x'));
    await desk.until(1);
    const { response } = desk.given[0]!;
    const source = Readable.from(Array.from({ length: 1_000 }, () => 'x'.repeat(100_000)));

    source.pipe(response);
    await once(response, 'close');

    expect(response.writableFinished).toBe(false);
  });

  it('that takes long and waits for nobody’s reading is not cut', async () => {
    const desk = new Desk();
    const { port } = await start(desk.listener, { answerStallMs: 50 });
    const [slow, read] = [await client(port), await client(port)];
    slow.send(get('/slow'));
    await desk.until(1);
    desk.given[0]!.response.write('begun, ');

    // Longer than answers are looked at.
    read.send(get('/read'));
    await desk.until(2);
    await new Promise((later) => setTimeout(later, 1_500));
    await desk.answer(0, 'done.');
    await desk.answer(1);

    expect(await slow.until('done.')).toContain('done.');
  });

  it('before the end of a body ends the reading of it', async () => {
    const { port } = await start((_, response) => response.writeHead(404).end(), { lingerBytes: 100_000 });
    const raw = await client(port);
    raw.send('POST /x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n');
    const piece = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    expect(await raw.answers(1)).toEqual([404]);

    let sent = 0;
    for (; !raw.socket.destroyed && sent < 10_000; sent++) {
      raw.send(piece);
      await rest();
    }

    expect(sent).toBeLessThan(200);
  });

  it('before the end of a body ends the reading of it sooner where it comes in pieces of a byte', async () => {
    const { port } = await start((_, response) => response.writeHead(404).end(), { lingerBytes: 100_000 });
    const raw = await client(port);
    raw.send('POST /x HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n');
    expect(await raw.answers(1)).toEqual([404]);

    let sent = 0;
    for (; !raw.socket.destroyed && sent < 100_000; sent += 1_000) {
      raw.send('1\r\nx\r\n'.repeat(1_000));
      await rest();
    }

    expect(sent).toBeLessThan(10_000);
  });

  it('before the end of a short body leaves the socket to the next request', async () => {
    const { port } = await start((_, response) => response.writeHead(404).end());
    const raw = await client(port);
    const bytes = post('/x', 'x'.repeat(50_000));

    raw.send(bytes.slice(0, 10_000));
    await raw.answers(1);
    raw.send(bytes.slice(10_000) + get('/y'));

    expect(await raw.answers(2)).toEqual([404, 404]);
  });
});

describe('sockets that are open for requests', () => {
  it('count for their address: the one that has been silent longest goes', async () => {
    const { port, server } = await start((_, response) => response.end(), { connectionsPerAddress: 3 });
    const silent = [];
    for (let i = 0; i < 3; i++) silent.push(await client(port));
    silent[0]!.send(get('/x'));
    await silent[0]!.answers(1);
    const others = await Promise.all([1, 2].map(() => client(port, { from: '127.0.0.2' })));

    const late = await client(port);
    await silent[1]!.closed;
    late.send(get('/x'));

    expect(await late.answers(1)).toEqual([200]);
    expect(await connectionsOf(server)).toBe(5);
    for (const open of [silent[0]!, silent[2]!, ...others]) expect(open.socket.destroyed).toBe(false);
  });

  it('count beside sessions, which they don’t end', async () => {
    const { port, server } = await start((_, response) => response.end(), {
      connectionsPerAddress: 3,
      connectMs: 60_000,
    });
    const sessions = [1, 2].map(() => new WebSocket(`ws://127.0.0.1:${port}/stomp`));
    for (const session of sessions) await once(session, 'open');
    const silent = await client(port);

    const late = await client(port);
    await silent.closed;
    late.send(get('/x'));

    expect(await late.answers(1)).toEqual([200]);
    expect(sessions.map(({ readyState }) => readyState)).toEqual([WebSocket.OPEN, WebSocket.OPEN]);
    expect(await connectionsOf(server)).toBe(3);
    for (const session of sessions) session.terminate();
  });

  it('with a request under way stay', async () => {
    const desk = new Desk();
    const { port } = await start(desk.listener, { connectionsPerAddress: 1 });
    const busy = await client(port);
    busy.send(get('/busy'));
    await desk.until(1);

    const late = await client(port);
    late.send(get('/late'));
    await desk.answer(1);
    await desk.answer(0);

    expect([await late.answers(1), await busy.answers(1)]).toEqual([[200], [200]]);
  });
});

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
}
