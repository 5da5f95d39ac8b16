import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachStomp, type AttachedBroker } from '../../src/library/transport/attach-stomp.js';
import { openClinic, type Clinic } from '../rest/clinic.js';
import { get, post, RawClient } from './raw-client.js';

let clinic: Clinic;

beforeAll(async () => {
  clinic = await openClinic();
});
afterAll(() => clinic.close());

async function ask(bytes: string, answers = 1): Promise<RawClient> {
  const raw = await RawClient.open(Number(new URL(clinic.url).port));
  raw.send(bytes);
  await raw.answers(answers);
  raw.socket.destroy();
  return raw;
}

const webSocket = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
];

/** Each is read as another path by some parser or other. */
const ambiguous = (path: string): string[] => [
  `http://test${path}`,
  `/${path}`,
  `/.${path}`,
  `/x/..${path}`,
  `/x/%2e%2E${path}`,
  `${path}/.`,
  `${path}/..`,
  `${path}%2f`,
  `${path}%5c`,
  `${path}\\`,
  `${path}%00`,
  `${path}%0d%0a`,
  `${path}#x`,
  `${path}?a?b`,
  `${path}%`,
  `${path}\u00e4`,
];

describe('a target that two parsers could read differently', () => {
  it.each(['/livez', '/api/me', '/api/docs', '/stomp'].flatMap(ambiguous))(
    'is refused: %j',
    async (target) => {
      expect((await ask(get(target))).statuses).toEqual([400]);
    },
  );

  it.each(ambiguous('/stomp'))('is upgraded to nothing: %j', async (target) => {
    expect((await ask(get(target, ...webSocket))).statuses).toEqual([400]);
  });

  it.each(ambiguous('/ws/info').filter((target) => /^\/ws\/[ -~]*$/.test(target)))(
    'is nothing below /ws: %j',
    async (target) => {
      expect((await ask(get(target))).statuses).toEqual([404]);
      expect((await ask(get(target, ...webSocket))).statuses).toEqual([404]);
    },
  );

  it.each(['/LIVEZ', '/API/me', '/Ws/info', '/STOMP', '/Api/docs/start.js'])(
    'has one case: %s',
    async (target) => {
      expect((await ask(get(target, 'Accept: text/html'))).statuses).toEqual([404]);
    },
  );
});

describe('below /ws', () => {
  it.each([
    post('/ws/chunking_test', 'x'),
    'OPTIONS /ws/chunking_test HTTP/1.1\r\nHost: test\r\n\r\n',
    get('/ws/websocket/x'),
    get('/ws/0/a/xhr'),
    post('/ws/0/a/eventsource', ''),
    post('/ws/0/a/jsonp', ''),
    get('/ws/0/a/xhr_send'),
    post('/ws/0/a/constructor', ''),
    post('/ws/0/a/__proto__', ''),
    post('/ws/0/a/log_request', ''),
    post('/ws/info', 'x'),
    post('/ws', 'x'),
    post('/ws/sockjs.min.js', 'x'),
    get('/ws/0.1/a/eventsource'),
    get(`/ws/0/${'a'.repeat(256)}/eventsource`),
    get('/ws/iframe.html/x'),
  ])('there is nothing but what SockJS needs: %j', async (bytes) => {
    expect((await ask(bytes)).statuses).toEqual([404]);
  });

  it.each(['jsonp', 'htmlfile'])(
    '%s asks for a callback, and for one that cannot be a script',
    async (transport) => {
      for (const query of ['', '?c=', '?c=alert(1)', `?c=${'x'.repeat(33)}`, '?c=a%3Cb', '?callback=%00'])
        expect((await ask(get(`/ws/0/a/${transport}${query}`))).statuses).toEqual([400]);
    },
  );

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '%5f_proto__', "a'b", '{}|^', 'a~b'])(
    'a session may have any name: %s',
    async (name) => {
      const stream = await RawClient.open(Number(new URL(clinic.url).port));
      stream.send(post(`/ws/0/${name}/xhr_streaming`, ''));
      expect(await stream.until('o\n')).toContain('o\n');

      expect(
        (await ask(post(`/ws/0/${name}/xhr_send`, '["CONNECT\\nlogin:x\\npasscode:y\\n\\n\\u0000"]')))
          .statuses,
      ).toEqual([204]);

      expect(await stream.until('c[')).toContain('auth_failed');
      stream.socket.destroy();
    },
  );

  it.each(['', '{', '{}', '"x"', '1', 'null', '['.repeat(20_000), '{"__proto__":[]}'])(
    'what is posted and is no array is refused: %#',
    async (body) => {
      const stream = await RawClient.open(Number(new URL(clinic.url).port));
      const path = `/ws/0/${Math.random()}`.replace('.', '');
      stream.send(post(`${path}/xhr_streaming`, ''));
      await stream.until('o\n');

      expect((await ask(post(`${path}/xhr_send`, body))).statuses).toEqual([400]);
      expect(
        (
          await ask(
            post(
              `${path}/jsonp_send`,
              `d=${encodeURIComponent(body)}`,
              'Content-Type: application/x-www-form-urlencoded',
            ),
          )
        ).statuses,
      ).toEqual([400]);
      stream.socket.destroy();
    },
  );

  it('a body that nobody asked for is not kept, on whatever path', async () => {
    for (const path of ['/ws/chunking_test', '/ws/0/a/xhr', '/ws/info', '/ws/0/a/xhr_send']) {
      const raw = await RawClient.open(Number(new URL(clinic.url).port));
      raw.send(`POST ${path} HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000000\r\n\r\n`);
      await raw.answers(1);
      const before = process.memoryUsage().arrayBuffers;

      let sent = 0;
      for (; !raw.socket.destroyed && sent < 1_000; sent++) {
        await new Promise((written) => raw.socket.write(Buffer.alloc(64 * 1_024), written));
      }

      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
      raw.socket.destroy();
    }
  });
});

describe('an upgrade', () => {
  it.each([
    ['with a body', get('/stomp', ...webSocket, 'Content-Length: 5') + 'hello'],
    [
      'with a body in chunks',
      get('/stomp', ...webSocket, 'Transfer-Encoding: chunked') + '5\r\nhello\r\n0\r\n\r\n',
    ],
  ])('%s is refused', async (_, bytes) => {
    expect((await ask(bytes)).statuses).toEqual([400]);
  });
});

describe('a session of SockJS', () => {
  it('is one endpoint’s: another one’s pages don’t reach it by its name', async () => {
    const { createServer } = await import('node:http');
    const server = createServer();
    const attach = (sockJsPath: string, webSocketPath: string): Promise<AttachedBroker> =>
      attachStomp(server, {
        authenticator: { authenticate: () => Promise.reject(new Error('Nobody comes in here.')) },
        authorizer: { isAllowed: () => true },
        sockJsPath,
        webSocketPath,
      });
    const [one, other] = [await attach('/one', '/a'), await attach('/other', '/b')];
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const port = (server.address() as { port: number }).port;
    const [first, second] = [await RawClient.open(port), await RawClient.open(port)];

    first.send(post('/one/0/name/xhr_streaming', ''));
    await first.until('o\n');
    second.send(post('/other/0/name/xhr_streaming', ''));

    // A session of its own, where the library would say that another connection is open.
    expect(await second.until('o\n')).not.toContain('2010');
    for (const raw of [first, second]) raw.socket.destroy();
    await Promise.all([one.close(), other.close()]);
    server.close();
  });
});
