import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Origins } from './origins.js';
import { Proxies } from './proxies.js';

const ALLOWED = 'https://clinic.example';
const FOREIGN = 'https://evil.example';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

async function serve(): Promise<string> {
  const { middleware } = new Origins([`${ALLOWED}:443`], new Proxies([]));
  const server = createServer((request, response) =>
    middleware(request, response, () => response.writeHead(200, { ETag: '"1"' }).end('done')),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  ['POST', FOREIGN, 403],
  ['PATCH', FOREIGN, 403],
  ['DELETE', 'null', 403],
  ['GET', FOREIGN, 200],
  ['POST', ALLOWED, 200],
  ['POST', undefined, 200],
])('%s from %s is answered with %i', async (method, origin, status) => {
  const response = await fetch(await serve(), { method, headers: origin === undefined ? {} : { origin } });

  expect(response.status).toBe(status);
});

test.each([
  '*',
  'https://*.example.org',
  'https://.example.org',
  'https://clinic.example/path',
  'clinic.example',
])('a list with %j, which matches nothing, is none', (origin) => {
  expect(() => new Origins([ALLOWED, origin], new Proxies([]))).toThrow(TypeError);
});

test.each(['file://', 'null', 'safari-web-extension://E5A5B1F4', 'HTTPS://Clinic.example:443/'])(
  'a page of %s may change things where it is named',
  (named) => {
    const origin = named.startsWith('HTTPS') ? ALLOWED : named;
    const origins = new Origins([named], new Proxies([]));

    const request = { headers: { origin }, socket: {} } as IncomingMessage;
    expect(origins.allows(request)).toBe(true);
  },
);

test('the own origin may change things', async () => {
  const url = await serve();

  expect((await fetch(url, { method: 'POST', headers: { origin: url } })).status).toBe(200);
});

test('a refusal is a problem with its code, and unreadable for the foreign page', async () => {
  const response = await fetch(await serve(), { method: 'POST', headers: { origin: FOREIGN } });

  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(await response.json()).toMatchObject({ status: 403, code: 'forbidden' });
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
});

test('an allowed page may read answers with what they carry in headers, a foreign one may not', async () => {
  const url = await serve();

  const [allowed, foreign] = [
    await fetch(url, { headers: { origin: ALLOWED } }),
    await fetch(url, { headers: { origin: FOREIGN } }),
  ];

  expect(allowed.headers.get('access-control-allow-origin')).toBe(ALLOWED);
  expect(allowed.headers.get('access-control-allow-credentials')).toBe('true');
  expect(allowed.headers.get('access-control-expose-headers')).toContain('ETag');
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  expect([allowed.headers.get('vary'), foreign.headers.get('vary')]).toEqual(['Origin', 'Origin']);
});

test.each([
  [ALLOWED, 204],
  [FOREIGN, 403],
])('a preflight from %s is answered with %i', async (origin, status) => {
  const response = await fetch(await serve(), {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PATCH',
      'access-control-request-headers': 'authorization,if-match',
    },
  });

  expect(response.status).toBe(status);
  const allowed = response.headers.get('access-control-allow-headers');
  expect(allowed).toBe(status === 204 ? 'authorization,if-match' : null);
});
