import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  calls,
  closeClients,
  connected,
  gates,
  next,
  startSocketIo,
  users,
  type SocketIoApp,
} from './socket-io-app.js';

let app: SocketIoApp;

beforeAll(async () => {
  app = await startSocketIo();
});
beforeEach(() => {
  calls.length = 0;
  users.clear();
});
afterEach(closeClients);
afterAll(() => app.application.close());

const transports = ['polling', 'websocket'] as const;

describe.each([[['polling']], [['websocket']], [['polling', 'websocket']]])('a client over %j', (over) => {
  it('says and hears what the methods and the template do', async () => {
    const ada = await connected(app.connect('ada', { transports: over }));
    const bob = await connected(app.connect('bob', { transports: over }));
    const heard = [next(ada, 'said'), next(bob, 'said')];

    const answer: unknown = await ada.emitWithAck('say', 7, 'hello');

    expect(answer).toEqual({ ok: true });
    expect(calls).toEqual([['7', { text: 'hello' }, 'ada']]);
    expect(await Promise.all(heard)).toEqual([
      [{ room: '7', by: 'ada', text: 'hello' }],
      [{ room: '7', by: 'ada', text: 'hello' }],
    ]);
  });

  it('hears a hundred messages of one turn in their order', async () => {
    const ada = await connected(app.connect('ada', { transports: over }));
    const heard: unknown[] = [];
    ada.on('number', (number) => heard.push(number));
    const last = next(ada, 'last');

    for (let i = 0; i < 100; i++)
      app.template.convertAndSendToUser('ada', '/queue/talk', i, { 'event-type': 'number' });
    app.template.convertAndSendToUser('ada', '/queue/talk', 'é“', { 'event-type': 'last' });

    expect(await last).toEqual(['é“']);
    expect(heard).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

it('a client upgrades from polling, and is known by its transport', async () => {
  const ada = await connected(app.connect('ada'));
  if (ada.io.engine.transport.name !== 'websocket')
    await new Promise((resolve) => ada.io.engine.once('upgrade', resolve));
  await ada.emitWithAck('say', 7, 'still here');

  const [user] = app.registry.users();

  expect(user?.sessions.map(({ transport }) => transport)).toEqual(['socket.io-websocket']);
  expect(app.endpoints.connections.countOf('127.0.0.1')).toBe(1);
});

describe('who may come in', () => {
  it.each(transports)('a bad token is told so over %s', async (transport) => {
    const [error] = (await next(app.connect('nobody', { transports: [transport] }), 'connect_error')) as [
      Error & { data: unknown },
    ];

    expect(error.message).toBe('Authentication error: Invalid token');
    expect(error.data).toMatchObject({ code: 'auth_failed', retryable: false });
  });

  it.each([
    [{}],
    [{ token: 7 }],
    [{ token: ['ada'] }],
    [{ since: 7, token: 'ada' }],
    [{ token: 'ada', since: 'x' }],
  ])('so is %j', async (auth) => {
    const [error] = (await next(app.connect('', { auth }), 'connect_error')) as [
      Error & { data: { code: string } },
    ];

    expect(error.data.code).toMatch(/^(auth_failed|invalid_header)$/);
  });

  it('programs may send the header', async () => {
    const socket = app.connect('', { auth: {}, extraHeaders: { authorization: 'Bearer ada' } });

    expect((await connected(socket)).connected).toBe(true);
  });

  it('what passes by itself only closes the connection, after which a client comes back by itself', async () => {
    const socket = app.connect('away', { reconnectionDelay: 10, transports: ['websocket'] });
    await new Promise((resolve) => socket.io.once('reconnect', resolve));
    socket.auth = { token: 'ada' };

    expect((await connected(socket)).connected).toBe(true);
  });
});

describe('the end of a login', () => {
  it.each(transports)('is told over %s, and the client does not come back', async (transport) => {
    const ended = new AbortController();
    users.set('ada', { name: 'ada', roles: [], ended: ended.signal });
    const ada = await connected(app.connect('ada', { transports: [transport] }));
    const told = [next(ada, 'session-ended'), next(ada, 'disconnect')];

    ended.abort();

    const [[said], [reason]] = (await Promise.all(told)) as [[object], [string]];
    expect(said).toMatchObject({ code: 'auth_revoked' });
    expect(reason).toBe('io server disconnect');
    expect(app.registry.users()).toEqual([]);
  });

  it('by expiry too', async () => {
    users.set('ada', { name: 'ada', roles: [], expiresAt: Date.now() + 200 });

    const [said] = await next(app.connect('ada'), 'session-ended');

    expect(said).toMatchObject({ code: 'auth_expired' });
  });
});

describe('what is refused', () => {
  it.each([
    ['deny', [1], 'forbidden'],
    ['fail', [1], 'handler_failed'],
    ['lost', [], 'unknown_destination'],
    ['constructor', [1], 'unknown_command'],
    ['say', [{ toString: 1 }], 'handler_failed'],
    ['say', ['../../x', 'y'.repeat(10)], undefined],
  ])('%s %j is answered, by the callback or the event', async (event, values, code) => {
    const ada = await connected(app.connect('ada'));
    const refused = next(ada, 'refused');

    const answer: unknown = await ada.emitWithAck(event, ...values);
    ada.emit(event, ...values);
    ada.emit('nothing');

    const [told] = await refused;
    expect(answer).toMatchObject(code === undefined ? { ok: true } : { ok: false, error: { code } });
    expect(told).toMatchObject({ code: code ?? 'unknown_command' });
  });

  it('one who may not SEND there hears so', async () => {
    const mute = await connected(app.connect('mute'));

    expect(await mute.emitWithAck('say', 1, 'x')).toMatchObject({ error: { code: 'forbidden' } });
  });

  it('events are taken in turn, and the next waits', async () => {
    const ada = await connected(app.connect('ada'));
    const slow = ada.emitWithAck('slow', 1);
    const say = ada.emitWithAck('say', 1, 'after');
    await expect.poll(() => gates.length).toBe(1);
    expect(calls).toEqual([]);

    gates.pop()?.();

    expect([await slow, await say]).toEqual([{ ok: true }, { ok: true }]);
    expect(calls).toHaveLength(1);
  });

  it('of forty at once twenty are taken, and each of the others is told', async () => {
    const ada = await connected(app.connect('ada', { transports: ['websocket'] }));

    const answers = (await Promise.all(Array.from({ length: 40 }, () => ada.emitWithAck('say', 1, 'x')))) as {
      ok: boolean;
      error?: { code: string; retryAfterMs: number };
    }[];

    const refused = answers.filter(({ ok }) => !ok);
    expect(refused.length).toBeGreaterThanOrEqual(15);
    expect(refused[0]?.error).toMatchObject({ code: 'rate_limited', retryAfterMs: 1000 });
  });

  it('one that goes on regardless is closed', async () => {
    const ada = await connected(app.connect('ada', { transports: ['websocket'], reconnection: false }));
    const gone = next(ada, 'disconnect');

    for (let i = 0; i < 200; i++) ada.emit('say', 1, 'x');

    expect(await gone).toEqual(['transport close', expect.anything()]);
  });

  it.each([
    [
      'bytes',
      (send: (message: string | Buffer) => void) => send('451-["say",{"_placeholder":true,"num":0}]'),
    ],
    ['what is no packet', (send: (message: string | Buffer) => void) => send('4nonsense')],
    ['an event in a namespace of nobody', (send: (message: string | Buffer) => void) => send('42/x,["say"]')],
  ])('%s ends a connection', async (_, say) => {
    const ada = await connected(app.connect('ada', { transports: ['websocket'], reconnection: false }));
    const gone = next(ada, 'disconnect');
    const { ws } = ada.io.engine.transport as unknown as { ws: { send(message: string | Buffer): void } };

    say((message) => ws.send(message));

    expect((await gone)[0]).toMatch(/^(transport close|io server disconnect)$/);
  });
});

it('a client that disconnects has left', async () => {
  const ada = await connected(app.connect('ada'));

  ada.disconnect();

  await expect.poll(() => app.registry.users()).toEqual([]);
  await expect.poll(() => app.endpoints.connections.count).toBe(0);
});
