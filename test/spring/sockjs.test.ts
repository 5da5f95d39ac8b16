import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachStomp, type AttachedBroker } from '../../src/library/exports/broker.js';

/** What Spring's own tests state, in their words; where Carillon differs on purpose, docs/from-spring.md says so. */
let server: Server;
let attached: AttachedBroker;
let url: string;

beforeAll(async () => {
  server = createServer((_, response) => response.writeHead(404).end());
  attached = await attachStomp(server, {
    authenticator: { authenticate: () => Promise.reject(new Error('nobody')) },
    authorizer: { isAllowed: () => true },
    allowedOrigins: ['https://listed.example'],
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await attached.close();
  server.close();
});

describe('SockJsServiceTests', () => {
  it.each([
    '/ws//',
    '/ws///',
    '/ws/other',
    '/ws//a/xhr',
    '/ws/a//xhr',
    '/ws/a.b/c/xhr',
    '/ws/a/c.d/xhr',
    '/ws/a/b/jsonp;Setup.pl',
  ])(
    '`//`, `///`, `/other`, empty server/session/transport, dots, `jsonp;Setup.pl` → 404: %s',
    async (path) => {
      expect((await fetch(url + path, { method: 'POST' })).status).toBe(404);
    },
  );

  it('info body, no-store', async () => {
    const response = await fetch(`${url}/ws/info`);

    expect(response.headers.get('cache-control')).toContain('no-store');
    expect(await response.json()).toMatchObject({
      websocket: true,
      origins: ['*:*'],
      entropy: expect.any(Number) as number,
    });
  });

  it.each([
    ['same host ok', () => url, 200],
    ['listed ok', () => 'https://listed.example', 200],
    ['other 403', () => 'https://other.example', 403],
  ])('origin rules: %s', async (_, origin, status) => {
    expect((await fetch(`${url}/ws/info`, { headers: { Origin: origin() } })).status).toBe(status);
  });

  it.each([
    ['https://listed.example', 204],
    ['https://other.example', 403],
  ])('OPTIONS 204 / 403: %s', async (origin, status) => {
    const response = await fetch(`${url}/ws/info`, { method: 'OPTIONS', headers: { Origin: origin } });

    expect(response.status).toBe(status);
  });

  it('iframe html, ETag, 304', async () => {
    const page = await fetch(`${url}/ws/iframe.html`);
    const etag = page.headers.get('etag') ?? '';

    expect(page.headers.get('content-type')).toContain('text/html');
    const again = await fetch(`${url}/ws/iframe.html`, { headers: { 'If-None-Match': etag } });
    expect(again.status).toBe(304);
  });

  it('greeting', async () => {
    expect(await (await fetch(`${url}/ws/`)).text()).toBe('Welcome to SockJS!\n');
  });
});

describe('DefaultSockJsServiceTests', () => {
  it('unknown transport 404', async () => {
    expect((await post('/pigeon')).status).toBe(404);
  });

  it('xhr_send without session 404, then 204', async () => {
    const session = `${url}/ws/000/${randomUUID()}`;
    const send = (): Promise<Response> => fetch(`${session}/xhr_send`, { method: 'POST', body: '["x"]' });

    expect((await send()).status).toBe(404);
    await fetch(`${session}/xhr`, { method: 'POST' });
    expect((await send()).status).toBe(204);
  });
});

describe('HttpReceivingTransportHandlerTests', () => {
  // Spring and the SockJS protocol say 500; the fault isn't the server's (RFC 9110, 15.5.1), and clients look for 204 alone.
  it.each(['', '["x]'])('empty or `["x]` → 400, handler not called: %j', async (body) => {
    const session = `${url}/ws/000/${randomUUID()}`;
    await fetch(`${session}/xhr`, { method: 'POST' });

    expect((await fetch(`${session}/xhr_send`, { method: 'POST', body })).status).toBe(400);
    expect((await fetch(`${session}/xhr_send`, { method: 'POST', body: '["\\n"]' })).status).toBe(204);
  });
});

describe('HttpSendingTransportHandlerTests', () => {
  it('xhr: 1st `o\\n` and completes; streaming stays open; 3rd concurrent → `c[2010,…]`', async () => {
    const session = `${url}/ws/000/${randomUUID()}`;
    const poll = (): Promise<Response> => fetch(`${session}/xhr`, { method: 'POST' });

    expect(await (await poll()).text()).toBe('o\n');
    // Its prelude is there, so it is the session's.
    const streaming = await fetch(`${session}/xhr_streaming`, { method: 'POST' });
    expect(await (await poll()).text()).toBe('c[2010,"Another connection still open"]\n');

    await streaming.body?.cancel();
  });

  it('htmlfile without callback 400, where Spring says 500', async () => {
    expect((await fetch(`${url}/ws/000/${randomUUID()}/htmlfile`)).status).toBe(400);
  });

  it('prelude then `o`; eventsource type', async () => {
    const response = await fetch(`${url}/ws/000/${randomUUID()}/eventsource`);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();

    let text = '';
    while (!text.includes('o')) text += (await reader.read()).value ?? '';

    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(text).toBe('\r\ndata: o\r\n\r\n');
    await reader.cancel();
  });
});

function post(transport: string): Promise<Response> {
  return fetch(`${url}/ws/000/${randomUUID()}${transport}`, { method: 'POST' });
}
