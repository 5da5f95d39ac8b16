import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionRegistry } from '../../src/library/session/registry.js';
import { ask, openClinic, problemOf, signIn, type Answer, type Clinic, type Login } from './clinic.js';

let clinic: Clinic;
let patient: Login;
let operator: Login;

beforeAll(async () => {
  clinic = await openClinic({ LIMIT_TICKET_MS: '2000', LIMIT_REVOCATION_POLL_MS: '100' });
  patient = await signIn(clinic, 'patient');
  operator = await signIn(clinic, 'operator');
});
afterAll(() => clinic.close());

describe('a stream', () => {
  it('begins with retry and connected, and then brings each notification with its cursor', async () => {
    const stream = await open('/api/notifications/stream', bearer(patient));

    const sent = await notify(patient);

    expect(await stream.until('event: notification')).toMatch(
      new RegExp(
        String.raw`^retry: 3000\nid: [\w-]+:\d+\nevent: connected\ndata: Connected to notification stream\n\n` +
          String.raw`id: ${sent.cursor}\nevent: notification\ndata: \{`,
      ),
    );
    const [line] = /(?<=data: )\{.*\}/.exec(await stream.until('}\n\n')) ?? [];
    expect(JSON.parse(line ?? '')).toEqual(sent);
    stream.close();
  });

  it('opens at one’s own id, and at no other', async () => {
    const own = await open(`/api/notifications/stream/${patient.user.id}`, bearer(patient));
    own.close();

    const other = await ask(`${clinic.url}/api/notifications/stream/${operator.user.id}`, {
      token: patient.token,
    });

    expect(problemOf(other)).toEqual({ status: 403, code: 'forbidden' });
  });

  it('without a token, or with a bad one, is refused before it begins', async () => {
    const url = `${clinic.url}/api/notifications/stream`;

    expect(problemOf(await ask(url))).toEqual({ status: 401, code: 'auth_failed' });
    expect(problemOf(await ask(url, { token: 'bad' }))).toEqual({ status: 401, code: 'auth_failed' });
    expect(problemOf(await ask(`${url}?ticket=bad`))).toEqual({ status: 401, code: 'auth_failed' });
  });

  it('that an EventSource asks for has no headers for documents, and everything else has them', async () => {
    const headersOf = async (path: string, accept: string): Promise<Headers> =>
      (await fetch(clinic.url + path, { method: 'HEAD', headers: { ...bearer(patient), accept } })).headers;
    const stream = await headersOf('/api/notifications/stream', 'text/event-stream');
    const others = await Promise.all([
      headersOf('/api/notifications', 'application/json'),
      headersOf('/api/notifications/stream', 'text/html, */*'),
      headersOf('/', 'text/event-stream'),
    ]);

    for (const headers of [stream, ...others]) {
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    }
    expect(stream.has('content-security-policy')).toBe(false);
    expect(others.map((headers) => headers.has('content-security-policy'))).toEqual([true, true, true]);
  });

  it.each(['/api/notifications/stream', '/api/events?topic=/topic/announcements'])(
    'at %s answers HEAD with its head, and stays open for nobody',
    async (path) => {
      const head = await fetch(clinic.url + path, { method: 'HEAD', headers: bearer(patient) });

      expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
      expect(await head.text()).toBe('');
      expect(clinic.application.get(SessionRegistry).connections(patient.user.email)).toEqual([]);
    },
  );

  it.each([{ LIMIT_STREAMS_PER_USER: '1' }, { LIMIT_CONNECTIONS_PER_ADDRESS: '1' }])(
    'over %o is told when to come again',
    async (limit) => {
      const small = await openClinic(limit);
      const headers = bearer(await signIn(small, 'patient'));
      const cut = new AbortController();
      const url = `${small.url}/api/notifications/stream`;
      await fetch(url, { headers, signal: cut.signal });

      const second = await ask(url, { headers });

      expect(problemOf(second)).toEqual({ status: 429, code: 'rate_limited' });
      expect(second.headers.get('retry-after')).toBe('5');
      cut.abort();
      await small.close();
    },
  );

  it('ends when its session is logged out, and another session’s goes on', async () => {
    const leaving = await signIn(clinic, 'patient');
    const [ending, staying] = await Promise.all(
      [leaving, patient].map((login) => open('/api/notifications/stream', bearer(login))),
    );

    await ask(`${clinic.url}/api/auth/logout`, { token: leaving.token, method: 'POST' });

    await ending!.ended;
    const sent = await notify(patient);
    expect(await staying!.until(sent.cursor)).toContain('event: notification');
    staying!.close();
  });

  it('of a topic is for those who may subscribe to it', async () => {
    const stream = await open('/api/events?topic=/topic/announcements', bearer(patient));
    await ask(`${clinic.url}/api/announcements`, { token: operator.token, body: { message: 'Hello all' } });

    expect(await stream.until('Hello all')).toMatch(/event: announcement\ndata: /);
    stream.close();

    const ofTopic = (topic: string): Promise<Answer> =>
      ask(`${clinic.url}/api/events?topic=${topic}`, { token: patient.token });
    expect(problemOf(await ofTopic('/topic/dashboard-stats'))).toEqual({ status: 403, code: 'forbidden' });
    expect(problemOf(await ofTopic('/topic/**'))).toEqual({ status: 400, code: 'invalid_request' });
    expect(problemOf(await ofTopic('/queue/work'))).toEqual({ status: 400, code: 'invalid_request' });
  });
});

describe('a ticket', () => {
  it('opens one stream, and with the cookie of that answer the same again', async () => {
    const url = await ticketUrl(patient);
    const first = await open(url);
    const cookie = first.headers.get('set-cookie') ?? '';
    first.close();

    expect(cookie).toMatch(/^stream-[\w-]{8}=[\w-]+; HttpOnly; SameSite=Strict$/);
    expect(url).toContain(`ticket=${cookie.slice('stream-'.length, 'stream-'.length + 8)}`);
    expect(problemOf(await ask(clinic.url + url))).toEqual({ status: 401, code: 'auth_failed' });
    const [pair] = cookie.split(';');
    expect(problemOf(await ask(clinic.url + url, { headers: { Cookie: `${pair?.slice(0, -1)}x` } }))).toEqual(
      { status: 401, code: 'auth_failed' },
    );

    const again = await open(url, { Cookie: `theme=dark; ${pair}; other=1` });
    const sent = await notify(patient);
    expect(await again.until(sent.cursor)).toContain('event: notification');
    again.close();
  });

  it('opens one of ten streams that ask at once', async () => {
    const url = await ticketUrl(patient);
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const response = await fetch(clinic.url + url);
        await response.body?.cancel();
        return response.status;
      }),
    );

    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(9);
  });

  it('is good for streams only', async () => {
    const url = await ticketUrl(patient);
    const [, query] = url.split('?');

    expect((await ask(`${clinic.url}/api/me?${query}`)).status).toBe(401);
    expect((await ask(`${clinic.url}/api/notifications?${query}`)).status).toBe(401);
  });

  it('ends after its time', async () => {
    const { body } = await ask<{ ticket: string; expiresAt: string }>(`${clinic.url}/api/auth/ticket`, {
      token: patient.token,
      method: 'POST',
    });
    // A little later: the node measures the time by its monotonic clock, which may be a moment behind.
    await until(() => Date.now() > Date.parse(body.expiresAt) + 100);

    const answer = await ask(`${clinic.url}/api/notifications/stream?ticket=${body.ticket}`);

    expect(problemOf(answer)).toEqual({ status: 401, code: 'auth_failed' });
  });

  it('dies with its session, its cookie too', async () => {
    const leaving = await signIn(clinic, 'patient');
    const unused = await ticketUrl(leaving);
    const used = await ticketUrl(leaving);
    const stream = await open(used);
    const [pair] = (stream.headers.get('set-cookie') ?? '').split(';');

    await ask(`${clinic.url}/api/auth/logout`, { token: leaving.token, method: 'POST' });

    await stream.ended;
    expect(problemOf(await ask(clinic.url + unused))).toEqual({ status: 401, code: 'auth_revoked' });
    const again = await ask(clinic.url + used, { headers: { Cookie: pair ?? '' } });
    expect(problemOf(again)).toEqual({ status: 401, code: 'auth_revoked' });
  });
});

interface Stream {
  readonly headers: Headers;
  /** All that came, once it contains this. */
  until(text: string): Promise<string>;
  readonly ended: Promise<void>;
  close(): void;
}

async function open(path: string, headers: Record<string, string> = {}): Promise<Stream> {
  const cut = new AbortController();
  const response = await fetch(clinic.url + path, { headers, signal: cut.signal });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);

  let text = '';
  const waiting = new Set<() => void>();
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      for (const look of waiting) look();
    }
  })().catch((error: unknown) => {
    // Cut by ourselves.
    if (!cut.signal.aborted) throw error;
  });
  return {
    headers: response.headers,
    until: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (text.includes(wanted)) resolve(text);
        };
        waiting.add(look);
        look();
      }),
    ended,
    close: () => cut.abort(),
  };
}

function bearer({ token }: Login): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

async function ticketUrl({ token }: Login): Promise<string> {
  const { status, body } = await ask<{ ticket: string }>(`${clinic.url}/api/auth/ticket`, {
    token,
    method: 'POST',
  });
  expect(status).toBe(201);
  return `/api/notifications/stream?ticket=${body.ticket}`;
}

async function notify({ user }: Login): Promise<{ cursor: string }> {
  const body = { userId: user.id, message: 'Ring' };
  const sent = await ask<{ cursor: string }>(`${clinic.url}/api/notifications`, {
    token: operator.token,
    body,
  });
  return sent.body;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}
