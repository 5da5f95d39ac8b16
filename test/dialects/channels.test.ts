import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { TestClient } from '../../src/library/testing/test-client.js';
import { Channels } from '../../src/library/nest/channels.js';
import { signIn, type Caller } from '../caller.js';
import { openClinic, type Clinic } from '../rest/clinic.js';
import { JsonClient } from './json-client.js';

// The clients of channels say and read this: over real sockets, in the clinic as it is.
let clinic: Clinic;
let ws: string;
let patient: Caller;
let doctor: Caller;
let operator: Caller;

beforeAll(async () => {
  clinic = await openClinic({ LIMIT_JSON_MESSAGES_PER_SECOND: '1000', LIMIT_CHANNEL_MEMBERS: '3' });
  ws = clinic.url.replace('http', 'ws');
  patient = await signIn(clinic.url, 'patient@example.org');
  doctor = await signIn(clinic.url, 'doctor@example.org');
  operator = await signIn(clinic.url, 'operator@example.org');
});
afterAll(() => clinic.close());

function at(path: string, { token } = patient, query = ''): JsonClient {
  return new JsonClient(`${ws}${path}?token=${token}${query}`);
}

/** Who has joined, and what they were told. */
async function joined(
  path: string,
  who = patient,
  query = '',
): Promise<{ client: JsonClient; param: unknown }> {
  const client = at(path, who, query);
  const greeting = await client.next();
  expect(greeting).toMatchObject({ cmd: 'joined', param: { user_id: who.user.id } });
  return { client, param: greeting['param'] };
}

describe('a channel', () => {
  it('is heard by all who joined, its sender too, in every language; and tells who comes and goes', async () => {
    const { client: first } = await joined('/channels/chat-room.7');
    const stomp = await TestClient.connect(clinic.application, { Authorization: `Bearer ${operator.token}` });
    const overStomp = await stomp.subscribe('/topic/channels.chat-room%2E7');
    const { client: second, param } = await joined('/channels/chat-room%2E7', doctor);
    const { session } = param as { session: string };
    const coming = { user_id: doctor.user.id, username: doctor.user.name, session };
    expect(await first.next()).toMatchObject({ channel: 'chat-room.7', cmd: 'user-joined', param: coming });
    expect(JSON.parse((await overStomp.next()).body)).toMatchObject({ cmd: 'user-joined' });

    second.say({
      channel: 'chat-room.7',
      cmd: 'chat-message',
      param: { text: 'hi', user_id: 0, username: 'forged' },
    });
    const message = {
      channel: 'chat-room.7',
      cmd: 'chat-message',
      param: { text: 'hi', user_id: doctor.user.id, username: doctor.user.name },
    };
    expect(await first.next()).toMatchObject(message);
    expect(await second.next()).toMatchObject(message);
    expect(JSON.parse((await overStomp.next()).body)).toMatchObject(message);

    second.close();
    expect(await first.next()).toMatchObject({ cmd: 'user-left', param: coming });
    stomp.leave();
    first.close();
  });

  it('is spoken to by the server, in the words of its API', async () => {
    const channels = clinic.application.get(Channels);
    const { client } = await joined('/channels/news');
    const { client: own } = await joined(`/channels/user-${patient.user.id}`);
    const update = { channel: 'system', cmd: 'system-update', param: { version: 2 } };

    await channels.broadcastAll(['news', `user-${patient.user.id}`], update);
    await channels.sendToUser(patient.user.id, 'greeting', { text: 'hello' });

    expect(await client.next()).toEqual(update);
    expect(await own.next()).toEqual(update);
    expect(await own.next()).toEqual({
      channel: `user-${patient.user.id}`,
      cmd: 'greeting',
      param: { text: 'hello' },
    });
    await expect(channels.broadcast('user-999999', update)).rejects.toMatchObject({ code: 'not_found' });
    await expect(channels.broadcast('a/b', update)).rejects.toThrow(TypeError);
    client.close();
    own.close();
  });

  it('takes so many, and then no more', async () => {
    const members = [];
    for (let i = 0; i < 3; i++) members.push((await joined('/channels/small')).client);

    const fourth = at('/channels/small');

    expect(await fourth.next()).toMatchObject({
      cmd: 'error',
      param: { code: 'room_full', retryable: false },
    });
    expect(await fourth.closed()).toEqual({ code: 4429, reason: 'room_full' });
    members.forEach((member) => member.close());
  });
});

describe('the own channel', () => {
  const post = (n: number): Promise<{ cursor: string; id: number }> =>
    operator.post('/api/notifications', {
      userId: patient.user.id,
      type: 'reminder',
      message: `Number ${n}`,
      data: { n, title: `Title ${n}` },
    });

  it.each(['/ws/notifications', 'user-', 'secure-user-'])(
    'at %s follows the inbox, and goes on after a cut',
    async (where) => {
      const path = where.startsWith('/') ? where : `/channels/${where}${patient.user.id}`;
      const { client } = await joined(path);
      const { cursor, id } = await post(1);
      expect(await client.next()).toMatchObject({
        cmd: 'notification',
        param: { id, type: 'reminder', title: 'Title 1', message: 'Number 1', data: { n: 1 }, cursor },
      });
      client.close();
      await post(2);

      const { client: back } = await joined(path, patient, `&since=${cursor}`);

      expect(await back.next()).toMatchObject({ cmd: 'resume', param: { verdict: 'complete' } });
      expect(await back.next()).toMatchObject({
        cmd: 'notification',
        param: { data: { n: 2 }, replayed: true },
      });
      back.close();
    },
  );

  it('is nobody else’s, however it is spelled', async () => {
    const { id } = patient.user;
    for (const name of [
      ...[`user-${id}`, `User-${id}`, `user%2D${id}`, `%75ser-${id}`, `user-0${id}`, `secure-user-${id}`],
      ...[`SECURE-USER-${id}`, `user-${id}.`, 'user-', `user-${patient.user.email.split('@')[0]}`],
    ]) {
      const client = at(`/channels/${name}`, doctor);
      expect([name, await client.next()]).toMatchObject([
        name,
        { channel: decodeURIComponent(name), cmd: 'error', param: { code: 'forbidden' } },
      ]);
      expect(await client.closed()).toEqual({ code: 4403, reason: 'forbidden' });
    }
    const stomp = await TestClient.connect(clinic.application, { Authorization: `Bearer ${operator.token}` });
    await expect(stomp.subscribe(`/topic/channels.user-${id}`)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('the channel system', () => {
  it('brings announcements, from where one was, and takes nothing', async () => {
    const { client, param } = await joined('/channels/system');
    await operator.post('/api/announcements', { message: 'Closed on Friday' });
    expect(await client.next()).toMatchObject({
      channel: 'system',
      cmd: 'system-update',
      param: { message: 'Closed on Friday' },
    });
    client.say({ cmd: 'chat-message', param: { text: 'me too' } });
    expect(await client.next()).toMatchObject({
      cmd: 'error',
      param: { code: 'forbidden', cmd: 'chat-message' },
    });
    client.close();

    const { cursor } = param as { cursor: string };
    const { client: back } = await joined('/channels/system', doctor, `&since=${cursor}`);
    expect(await back.next()).toMatchObject({ cmd: 'resume', param: { verdict: 'complete' } });
    expect(await back.next()).toMatchObject({ cmd: 'system-update', param: { replayed: true } });
    back.close();
  });
});

describe('bad input to channels', () => {
  it.each([
    ['another’s channel', { channel: 'other', cmd: 'chat-message', param: {} }, 'forbidden'],
    ['a word that nothing answers to', { cmd: 'dance', param: {} }, 'unknown_command'],
    ['a word that is none', { cmd: 'Chat Message' }, 'invalid_header'],
    ['no word', { param: {} }, 'invalid_header'],
    ['a parameter that is no object', { cmd: 'chat-message', param: [1] }, 'invalid_header'],
    ['a second login', { cmd: 'authenticate', param: { token: 'x' } }, 'already_connected'],
  ])('%s is refused, and the connection goes on', async (_, message, code) => {
    const { client } = await joined('/channels/bad');
    client.say(message).say({ cmd: 'ping' });

    expect(await client.next()).toMatchObject({ cmd: 'error', param: { code } });
    expect(await client.next()).toMatchObject({ channel: 'bad', cmd: 'pong' });
    client.close();
  });

  it.each(['not json', '[]', '7', 'null'])('%s closes it', async (text) => {
    const { client } = await joined('/channels/bad');
    client.say(text);

    expect(await client.next()).toMatchObject({ cmd: 'error', param: { code: 'malformed_frame' } });
    expect((await client.closed()).code).toBe(4400);
  });

  it('a frame over the limit closes it', async () => {
    const { client } = await joined('/channels/bad');
    client.say({ cmd: 'chat-message', param: { text: 'x'.repeat(1024 * 1024) } });

    expect((await client.closed()).code).toBe(1009);
  });

  it.each([
    ['no token that is one', 'x.y.z'],
    ['an empty one', ''],
  ])('%s is turned away', async (_, token) => {
    const client = new JsonClient(`${ws}/channels/bad?token=${token}`);

    expect(await client.next()).toMatchObject({
      channel: 'bad',
      cmd: 'error',
      param: { code: 'auth_failed' },
    });
    expect((await client.closed()).code).toBe(4401);
  });

  it('a stranger may say who they are first, and nothing else', async () => {
    const client = await new JsonClient(`${ws}/channels/late`).opened();
    client.say({ cmd: 'chat-message', param: {} });
    expect(await client.next()).toMatchObject({ cmd: 'error', param: { code: 'not_connected' } });

    client.say({ cmd: 'authenticate', param: { token: patient.token } });

    expect(await client.next()).toMatchObject({ channel: 'late', cmd: 'joined' });
    client.close();
  });

  it('a login that ends takes it along', async () => {
    const leaving = await signIn(clinic.url, 'patient@example.org');
    const { client } = await joined('/channels/bad', leaving);

    await leaving.post('/api/auth/logout', undefined);

    expect(await client.next()).toMatchObject({ cmd: 'error', param: { code: 'auth_revoked' } });
    expect((await client.closed()).code).toBe(4401);
  });

  it('a token whose time is over takes it along, wherever it is', async () => {
    const short = await openClinic({ LIMIT_TOKEN_MS: '2000' });
    const leaving = await signIn(short.url, 'patient@example.org');
    const at = (path: string) =>
      new JsonClient(`${short.url.replace('http', 'ws')}${path}?token=${leaving.token}`);
    const clients = ['/channels/bad', '/channels/system', `/channels/user-${leaving.user.id}`].map(at);
    for (const client of clients) expect(await client.next()).toMatchObject({ cmd: 'joined' });

    for (const client of clients) {
      expect(await client.next()).toMatchObject({
        cmd: 'error',
        param: { code: 'auth_expired', retryable: true },
      });
      expect(await client.closed()).toEqual({ code: 4401, reason: 'auth_expired' });
    }
    const late = at('/channels/bad');
    expect(await late.next()).toMatchObject({ cmd: 'error', param: { code: 'auth_expired' } });
    expect((await late.closed()).code).toBe(4401);
    await short.close();
  });

  it('one that does not read is closed, and the others go on', async () => {
    const { client: slow } = await joined('/channels/flood');
    const { client: other } = await joined('/channels/flood', doctor);
    slow.pause();
    const channels = clinic.application.get(Channels);
    const text = 'x'.repeat(512 * 1024);

    // What the kernel holds for it is beside the 8 MiB.
    let heard = 0;
    let left: unknown;
    while (!left) {
      await channels.broadcast('flood', { cmd: 'chat-message', param: { text, n: heard } });
      for (let said = await other.next(); ; said = await other.next()) {
        if (said['cmd'] === 'user-left') left = said;
        if (said['cmd'] === 'chat-message') break;
      }
      heard += 1;
      expect(heard).toBeLessThan(100);
    }
    slow.resume();

    expect(left).toMatchObject({ param: { user_id: patient.user.id } });
    expect((await slow.closed()).code).toBeOneOf([1006, 4408]);
    expect(slow.said.length).toBeLessThan(heard);
    await channels.broadcast('flood', { cmd: 'done', param: {} });
    expect(await other.next()).toMatchObject({ cmd: 'done' });
    other.close();
  });

  it.each([
    '/channels',
    '/channels/a/b',
    '/channels/a%20b',
    '/channels/%E0',
    `/channels/${'x'.repeat(65)}`,
    '/channels/*',
  ])('%s is nowhere', async (path) => {
    const [error] = (await once(new WebSocket(ws + path), 'error')) as [Error];

    expect(error.message).toMatch(/ (404|400)$/);
  });

  it('a page of another origin is 403', async () => {
    const socket = new WebSocket(`${ws}/channels/a?token=${patient.token}`, {
      origin: 'https://evil.example',
    });
    const [error] = (await once(socket, 'error')) as [Error];

    expect(error.message).toMatch(/403/);
  });
});
