import { once } from 'node:events';
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, stopServers, type RunningServer } from '../server.js';

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ environment: { LOG_LEVEL: 'info' } });
});

afterAll(stopServers);

describe('the web client', () => {
  it.each(['/', '/appointments/7'])('is what a browser gets at %s', async (path) => {
    const page = await browse(path);

    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(await page.text()).toContain('<div id="root">');
  });

  it('may run its own scripts, its worker from a blob, and nothing else', async () => {
    const page = await browse('/');

    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("worker-src 'self' blob:");
    expect(policy).not.toContain('unsafe');
  });

  it('has files that a browser keeps for ever, since their names change with them', async () => {
    const html = await (await browse('/')).text();
    const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? '';

    const file = await fetch(`${server.url}${script}`);

    expect(file.status).toBe(200);
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('reads the same at any depth, for no proxy’s prefix is known here', async () => {
    const scripts = ['/', '/past', '/day/2026-11-21', '/day/2026-11-21/'].map(async (path) => {
      const [, script = ''] = /src="([^"]+\.js)"/.exec(await (await browse(path)).text()) ?? [];
      return new URL(script, server.url + path).pathname;
    });

    expect(new Set(await Promise.all(scripts))).toEqual(new Set(['/theme.js']));
  });

  it('comes again only where it has changed', async () => {
    const tag = (await browse('/')).headers.get('etag') ?? '';

    const again = await ask('/', { Accept: 'text/html', 'If-None-Match': tag });

    expect(tag).not.toBe('');
    expect(again.status).toBe(304);
  });

  it.each(['/api/nothing', '/livez/x', '/ws/nothing/at/all', '/missing.js'])(
    'is not the answer to %s',
    async (path) => {
      const answer = await browse(path);

      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await answer.text()).not.toContain('<div id="root">');
    },
  );

  it.each(['*/*', 'text/*'])('is at / for a program that takes %s', async (Accept) => {
    const answer = await fetch(server.url, { headers: { Accept } });

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/html');
  });

  it('leaves its connection open for what is asked next', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const get = `GET / HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/html\r\n`;
    socket.write(`${get}\r\n${get}Connection: close\r\n\r\n`);

    const answers = await text(socket);

    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });

  it.each([
    ['/appointments', '*/*'],
    ['/', 'application/json'],
  ])('is not the answer to a program at %s that takes %s', async (path, Accept) => {
    const answer = await fetch(server.url + path, { headers: { Accept } });

    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });
});

describe('a script of the web client', () => {
  let path: string;
  let plain: Buffer;

  beforeAll(async () => {
    const [, name = ''] = /src="\.(\/assets\/[^"]+\.js)"/.exec(await (await browse('/')).text()) ?? [];
    path = name;
    plain = (await ask(path, {})).body;
  });

  it.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.5, gzip;q=1', 'gzip'],
    ['*', 'br'],
    ['identity', undefined],
    ['gzip;q=0', undefined],
    ['*;q=0', undefined],
    ['deflate', undefined],
  ])('goes out for Accept-Encoding: %s as %s', async (accepted, encoding) => {
    const file = await ask(path, { 'Accept-Encoding': accepted });

    expect(file.status).toBe(200);
    expect(file.headers['content-encoding']).toBe(encoding);
    expect(file.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(file.headers['vary']).toContain('Accept-Encoding');
    expect(decoded(file).equals(plain)).toBe(true);
    expect(file.body.length).toBeLessThanOrEqual(encoding === undefined ? plain.length : plain.length / 3);
  });

  it('has another tag in each encoding, by which it isn’t sent again', async () => {
    const files = await Promise.all(
      ['br', 'gzip', 'identity'].map(async (encoding) => {
        const headers = { 'Accept-Encoding': encoding };
        const tag = (await ask(path, headers)).headers.etag ?? '';
        return { tag, again: (await ask(path, { ...headers, 'If-None-Match': tag })).status };
      }),
    );

    expect(new Set(files.map(({ tag }) => tag)).size).toBe(3);
    expect(files.map(({ again }) => again)).toEqual([304, 304, 304]);
  });

  it.each(['br', 'identity'])('comes in parts, of what is sent as %s', async (encoding) => {
    const whole = await ask(path, { 'Accept-Encoding': encoding });
    const part = await ask(path, { 'Accept-Encoding': encoding, Range: 'bytes=10-19' });

    expect(part.status).toBe(206);
    expect(part.headers['content-range']).toBe(`bytes 10-19/${whole.body.length}`);
    expect(part.body).toEqual(whole.body.subarray(10, 20));
  });

  it.each([
    [416, { Range: 'bytes=99999999-' }],
    [412, { 'If-Match': '"another"' }],
  ])('is refused with %i in a form that nobody keeps', async (status, headers) => {
    const refusal = await ask(path, { 'Accept-Encoding': 'br', ...headers });

    expect(refusal.status).toBe(status);
    expect(refusal.headers).not.toHaveProperty('cache-control');
    expect(refusal.headers).not.toHaveProperty('content-encoding');
  });
});

describe('the page about the API', () => {
  it('is made of files of this server alone, under the policy of all pages', async () => {
    const page = await browse('/api/docs/');
    const html = await page.text();
    const paths = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, path = '']) => new URL(path, page.url).pathname,
    );

    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toBe(
      (await browse('/')).headers.get('content-security-policy'),
    );
    expect(paths).toContain('/api/docs/swagger-ui-bundle.js');
    for (const path of paths) expect([path, (await fetch(server.url + path)).status]).toEqual([path, 200]);
  });

  it.each([
    ['package.json', 404],
    ['swagger-ui.js', 404],
    ['..%2Fpackage.json', 400],
  ])('has no file %s', async (name, status) => {
    expect((await fetch(`${server.url}/api/docs/${name}`)).status).toBe(status);
  });
});

describe('the log', () => {
  it('has a line for a request, without its query', async () => {
    await fetch(`${server.url}/api/notifications/stream?ticket=spare-key`);

    await expect.poll(() => server.output()).toContain('"path":"/api/notifications/stream","status":401');
    expect(server.output()).not.toContain('spare-key');
  });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** As it comes over the wire: `fetch` would decode it and ask for encodings of its own. */
async function ask(path: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const [answer] = (await once(get(server.url + path, { headers }), 'response')) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) };
}

function decoded({ headers, body }: Answer): Buffer {
  if (headers['content-encoding'] === 'br') return brotliDecompressSync(body);
  return headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

function browse(path: string): Promise<Response> {
  return fetch(`${server.url}${path}`, { headers: { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
}
