import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { signIn, type Caller } from '../caller.js';
import { JsonClient } from './json-client.js';
import { startServer, stopServers, type RunningServer } from '../server.js';

// shared/clients: what a mail server's clients say and read, against the server as it is started.
let server: RunningServer;
let patient: Caller;
let operator: Caller;

beforeAll(async () => {
  server = await startServer({ environment: { LIMIT_JSON_MESSAGES_PER_SECOND: '1000' } });
  patient = await signIn(server.url, 'patient@example.org');
  operator = await signIn(server.url, 'operator@example.org');
});
afterAll(stopServers);

function socket(query = '', options: ConstructorParameters<typeof JsonClient>[1] = {}): JsonClient {
  return new JsonClient(`${server.url.replace('http', 'ws')}/notifications${query}`, options);
}

async function signedIn(query = ''): Promise<JsonClient> {
  const client = await socket(query).opened();
  client.say({ action: 'authenticate', token: patient.token });
  expect(await client.next()).toMatchObject({
    type: 'authenticated',
    user: { email: 'patient@example.org' },
  });
  return client;
}

function post(type: string, data: object, to: Caller = patient): Promise<{ cursor: string; id: number }> {
  return operator.post('/api/notifications', { userId: to.user.id, message: type, type, data });
}

describe('a JSON socket of notifications', () => {
  it('brings what was posted, as it was posted, of the types that were asked for', async () => {
    const client = await signedIn();
    client.say({ action: 'subscribe', event_type: 'new_email' });
    expect(await client.next()).toMatchObject({ type: 'subscribed', event_type: 'new_email' });

    const data = { message_id: 'msg-12345', from: 'sender@example.com', folder: 'INBOX' };
    await post('email_deleted', { message_id: 'other' });
    const { cursor } = await post('new_email', data);

    const event = await client.next();
    expect(event).toMatchObject({
      type: 'new_email',
      data,
      cursor,
      notification: { userId: patient.user.id },
    });
    expect(event['timestamp']).toBeCloseTo(Date.now() / 1000, -2);
    client.close();
  });

  it('brings a type once that * asks for too, and nothing after unsubscribed', async () => {
    const client = await signedIn();
    for (const event_type of ['*', 'new_email', 'new_email']) {
      client.say({ action: 'subscribe', event_type });
      await client.next();
    }
    const { cursor } = await post('new_email', {});
    expect(await client.next()).toMatchObject({ type: 'new_email', cursor });

    client
      .say({ action: 'unsubscribe', event_type: '*' })
      .say({ action: 'unsubscribe', event_type: 'new_email' });
    expect([(await client.next()).type, (await client.next()).type]).toEqual([
      'unsubscribed',
      'unsubscribed',
    ]);
    await post('new_email', {});
    client.say({ action: 'ping' });
    expect((await client.next()).type).toBe('pong');
    client.close();
  });

  it('resumes by the cursor of any transport, with the verdict first, and acknowledges', async () => {
    const first = await post('new_email', { n: 1 });
    const second = await post('new_email', { n: 2 });
    const client = await signedIn();
    client.say({ action: 'subscribe', event_type: '*', since: first.cursor });

    expect((await client.next()).type).toBe('subscribed');
    expect(await client.next()).toMatchObject({ type: 'resume', data: { verdict: 'complete' } });
    expect(await client.next()).toMatchObject({ type: 'new_email', data: { n: 2 }, replayed: true });
    client.say({ action: 'ack', cursor: second.cursor });
    expect(await client.next()).toEqual({ type: 'acked', cursor: second.cursor });
    const page = await patient.get<{ items: { id: number; deliveredAt: string | null }[] }>(
      '/api/notifications',
    );
    expect(page.items.find(({ id }) => id === second.id)?.deliveredAt).not.toBeNull();
    client.close();
  });

  it('brings a batch in its order, and the same batch once', async () => {
    const client = await signedIn();
    client.say({ action: 'subscribe', event_type: 'email_read' });
    await client.next();
    const items = Array.from({ length: 1_000 }, (_, n) => ({
      email: 'Patient@example.org',
      message: 'Read',
      type: 'email_read',
      data: { n },
    }));
    const headers = { 'Idempotency-Key': `batch-${Date.now()}` };

    const sent = await operator.post<{ items: { cursor: string }[] }>(
      '/api/notifications/batch',
      { items },
      headers,
    );
    const again = await operator.post('/api/notifications/batch', { items }, headers);

    expect(again).toEqual(sent);
    const cursors = [];
    for (let n = 0; n < 1_000; n++) {
      const event = await client.next();
      expect(event['data']).toEqual({ n });
      cursors.push(event['cursor']);
    }
    expect(cursors).toEqual(sent.items.map(({ cursor }) => cursor));
    client.close();
  });

  it('keeps nothing of a batch with an error in it', async () => {
    const before = await patient.get<{ cursor: string }>('/api/notifications');
    const items = [
      { userId: patient.user.id, message: 'One' },
      { email: 'nobody@example.org', message: 'Two' },
    ];
    await expect(operator.post('/api/notifications/batch', { items })).rejects.toThrow('404');
    await expect(operator.post('/api/notifications/batch', { items: [] })).rejects.toThrow('400');

    expect((await patient.get<{ cursor: string }>('/api/notifications')).cursor).toBe(before.cursor);
  });

  it('brings what is said to everybody, by its type or by *', async () => {
    const [one, all, other] = [await signedIn(), await signedIn(), await signedIn()];
    const types = ['server_status', '*', 'new_email'];
    for (const [i, client] of [one, all, other].entries()) {
      client.say({ action: 'subscribe', event_type: types[i] });
      await client.next();
    }

    await operator.post('/api/events', { type: 'server_status', data: { load: 0.4 } });
    await expect(patient.post('/api/events', { type: 'server_status' })).rejects.toThrow('403');

    for (const client of [one, all])
      expect(await client.next()).toMatchObject({ type: 'server_status', data: { load: 0.4 } });
    other.say({ action: 'ping' });
    expect((await other.next()).type).toBe('pong');
    for (const client of [one, all, other]) client.close();
  });

  it("never brings what is another's, and nobody forges an answer by a type", async () => {
    const client = await signedIn();
    client.say({ action: 'subscribe', event_type: '*' });
    await client.next();

    await post('new_email', { secret: true }, operator);
    await post('error', { code: 'auth_failed' });

    expect(await client.next()).toMatchObject({ type: 'notification', event_type: 'error' });
    client.close();
  });

  it('signs in by the header, a token or a ticket of the URL', async () => {
    const bearer = await socket('', {
      headers: { Authorization: `Bearer ${patient.token}` },
    }).opened();
    expect((await bearer.next()).type).toBe('authenticated');
    const inUrl = await socket(`?token=${patient.token}`).opened();
    expect((await inUrl.next()).type).toBe('authenticated');

    const { ticket } = await patient.post<{ ticket: string }>('/api/auth/ticket', {});
    const byTicket = await socket(`?ticket=${ticket}`).opened();
    expect((await byTicket.next()).type).toBe('authenticated');
    const again = await socket(`?ticket=${ticket}`).opened();
    expect(await again.next()).toMatchObject({ type: 'error', code: 'auth_failed' });
    expect(await again.closed()).toEqual({ code: 4401, reason: 'auth_failed' });
    for (const client of [bearer, inUrl, byTicket]) client.close();
  });

  it('takes what was said before the answer to authenticate, in its turn', async () => {
    const client = await socket().opened();
    client
      .say({ action: 'authenticate', token: patient.token })
      .say({ action: 'subscribe', event_type: 'a' });

    expect([(await client.next()).type, (await client.next()).type]).toEqual(['authenticated', 'subscribed']);
    client.close();
  });

  it('ends with its login', async () => {
    const { token } = await signIn(server.url, 'patient@example.org');
    const client = await socket(`?token=${token}`).opened();
    await client.next();

    await fetch(`${server.url}/api/auth/logout`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
    });

    expect(await client.next()).toMatchObject({ type: 'error', code: 'auth_revoked', retryable: true });
    expect(await client.closed()).toEqual({ code: 4401, reason: 'auth_revoked' });
  });

  it('shows a topic to those who may read it', async () => {
    const client = await signedIn();
    client.say({ action: 'subscribe', event_type: '/topic/announcements' });
    expect((await client.next()).type).toBe('subscribed');
    client.say({ action: 'subscribe', event_type: '/topic/dashboard-stats' });
    expect(await client.next()).toMatchObject({ type: 'error', code: 'forbidden', action: 'subscribe' });

    await operator.post('/api/announcements', { message: 'We move.' });

    expect(await client.next()).toMatchObject({
      type: 'announcement',
      topic: '/topic/announcements',
      data: { message: 'We move.' },
    });
    client.close();
  });

  it.each([
    ['a message before it is known who speaks', { action: 'ping' }, 'not_connected'],
    ['nothing', {}, 'not_connected'],
    ['a token that is no text', { action: 'authenticate', token: 1 }, 'invalid_header'],
  ])('answers %s, and waits on', async (_, message, code) => {
    const client = await socket().opened();
    client.say(message);
    expect(await client.next()).toMatchObject({ type: 'error', code });
    client.say({ action: 'authenticate', token: patient.token });
    expect((await client.next()).type).toBe('authenticated');
    client.close();
  });

  it.each([
    [{ action: 'dance' }, 'unknown_command'],
    [{ action: ['subscribe'] }, 'unknown_command'],
    [{}, 'unknown_command'],
    [{ action: 'subscribe' }, 'invalid_header'],
    [{ action: 'subscribe', event_type: 7 }, 'invalid_header'],
    [{ action: 'subscribe', event_type: 'NEW EMAIL' }, 'invalid_header'],
    [{ action: 'subscribe', event_type: 'a', since: {} }, 'invalid_header'],
    [{ action: 'subscribe', event_type: '/topic/a**b' }, 'invalid_header'],
    [{ action: 'subscribe', event_type: '/queue/orders' }, 'unknown_destination'],
    [
      { action: 'subscribe', event_type: '/user/operator%40example.org/queue/notifications' },
      'unknown_destination',
    ],
    [{ action: 'ack', cursor: 'x:1' }, 'unknown_ack'],
    [{ action: 'authenticate', token: 'again' }, 'already_connected'],
  ])('answers %j with %s, and goes on', async (message, code) => {
    const client = await signedIn();
    client.say(message);
    expect(await client.next()).toMatchObject({ type: 'error', code });
    client.say({ action: 'stats' });
    expect(await client.next()).toMatchObject({
      type: 'stats',
      data: { active_connections: expect.any(Number) },
    });
    client.close();
  });

  it.each([
    ['no JSON', '{', 4400, 'malformed_frame'],
    ['no object', '[]', 4400, 'malformed_frame'],
    ['deep nesting', `{"a":${'['.repeat(500)}${']'.repeat(500)}}`, 4400, 'malformed_frame'],
    ['a bad token', '{"action":"authenticate","token":"x"}', 4401, 'auth_failed'],
    ['a message that is too large', `"${'x'.repeat(2 ** 20)}"`, 1009, 'frame_too_large'],
  ])('ends on %s', async (_, message, code, reason) => {
    const client = await socket().opened();
    client.say(message);
    expect(await client.next()).toMatchObject({ type: 'error', code: reason });
    expect(await client.closed()).toEqual({ code, reason });
  });

  it('takes fifty types at most', async () => {
    const client = await signedIn();
    for (let i = 0; i < 50; i++) {
      client.say({ action: 'subscribe', event_type: `t${i}` });
      expect((await client.next()).type).toBe('subscribed');
    }
    client.say({ action: 'subscribe', event_type: 'one.more' });
    expect(await client.next()).toMatchObject({ type: 'error', code: 'subscription_limit' });
    client.close();
  });

  it('refuses a page of another origin', async () => {
    const client = new WebSocket(`${server.url.replace('http', 'ws')}/notifications`, {
      origin: 'https://evil.example',
    });
    const [error] = (await once(client, 'error')) as [Error];
    expect(error.message).toContain('403');
  });
});
