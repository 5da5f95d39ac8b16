import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ask, openClinic, signIn, type Clinic } from '../rest/clinic.js';

type Headers = Readonly<Record<string, string>>;

interface Door {
  readonly name: string;
  /** The status that a new connection gets; one that is accepted stays open until the end. */
  enter(headers: Headers): Promise<number>;
}

/** A header of each form, as a proxy writes it whose client has written an address of its own choice into both. */
const forms: [string, (address: string) => Headers][] = [
  [
    'x-forwarded',
    (address) => ({ 'X-Forwarded-For': `198.51.100.1, ${address}`, Forwarded: 'for=198.51.100.2' }),
  ],
  [
    'forwarded',
    (address) => ({
      'X-Forwarded-For': '198.51.100.1',
      Forwarded: `for=198.51.100.2, for="${address.includes(':') ? `[${address}]` : address}:4711"`,
    }),
  ],
];

describe.each(forms)('behind a proxy that writes %s', (form, headersOf) => {
  let clinic: Clinic;
  let token: string;
  const cuts: (() => void)[] = [];

  beforeAll(async () => {
    clinic = await openClinic({
      TRUST_PROXY: '127.0.0.1/32',
      PROXY_HEADERS: form,
      LIMIT_CONNECTIONS_PER_ADDRESS: '1',
    });
    ({ token } = await signIn(clinic, 'patient'));
  });
  afterAll(async () => {
    cuts.forEach((cut) => cut());
    await clinic.close();
  });

  const stream = (path: string) => async (headers: Headers, method: string) => {
    const abort = new AbortController();
    cuts.push(() => abort.abort());
    const { status } = await fetch(clinic.url + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...headers },
      signal: abort.signal,
    });
    return status;
  };
  let sessions = 0;
  const doors: readonly Door[] = [
    {
      name: 'WebSocket',
      async enter(headers) {
        const socket = new WebSocket(`${clinic.url.replace('http', 'ws')}/stomp`, 'v12.stomp', { headers });
        cuts.push(() => socket.terminate());
        const refused = once(socket, 'unexpected-response').then(
          ([, response]) => (response as IncomingMessage).statusCode ?? 0,
        );
        return Promise.race([once(socket, 'open').then(() => 101), refused]);
      },
    },
    {
      name: 'SockJS',
      enter: (headers) => stream(`/ws/000/session-${++sessions}/xhr_streaming`)(headers, 'POST'),
    },
    {
      name: 'an event stream',
      enter: (headers) => stream('/api/events?topic=/topic/announcements')(headers, 'GET'),
    },
  ];

  it.each(doors.map((door, i) => ({ ...door, address: `203.0.113.${i + 1}` })))(
    '$name takes the place that the client has, whatever it comes by next',
    async ({ enter, address }) => {
      expect(await enter(headersOf(address))).toBeLessThan(300);

      for (const other of doors)
        expect([other.name, await other.enter(headersOf(address))]).toEqual([other.name, 429]);
    },
  );

  it.each(['203.0.113.99', '2001:db8::7'])('REST says %s too', async (address) => {
    const server = clinic.application.getHttpServer();
    const seen = once(server, 'request').then(async ([request, response]: unknown[]) => {
      await once(response as IncomingMessage, 'finish');
      return (request as { ip: string }).ip;
    });

    await ask(`${clinic.url}/api/me`, { token, headers: headersOf(address) });

    expect(await seen).toBe(address);
  });
});
