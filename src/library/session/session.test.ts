import { describe, expect, it } from 'vitest';
import { Refusal, type Answer } from '../errors.js';
import type { Frame } from '../stomp/frame.js';
import type { Application, ApplicationRequest } from './ports.js';
import { MemoryNode } from '../testing/memory-node.js';

const json = (body: Uint8Array): unknown => JSON.parse(Buffer.from(body).toString());

describe('CONNECT', () => {
  it('is answered with version, session, server, heart-beat and user-name', async () => {
    const answer = await new MemoryNode().client().connect({ login: 'ada', 'heart-beat': '5000,0' });

    expect(answer.command).toBe('CONNECTED');
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      version: '1.2',
      server: 'Carillon/test',
      'heart-beat': '10000,5000',
      'user-name': 'ada',
    });
    expect(answer.headers.get('session')).toMatch(/./);
  });

  it('without accept-version speaks STOMP 1.0', async () => {
    const client = new MemoryNode().client().frame('CONNECT', { login: 'ada' });

    expect((await client.next()).headers.get('version')).toBe('1.0');
  });

  it('with no common version is told which there are, and closed', async () => {
    const client = new MemoryNode().client().frame('CONNECT', { login: 'ada', 'accept-version': '2.0' });

    const error = await client.next();
    expect(error.command).toBe('ERROR');
    expect(error.headers.get('code')).toBe('unsupported_version');
    expect(error.headers.get('version')).toBe('1.0,1.1,1.2');
    expect(await client.end()).toEqual({ code: 4400, reason: 'unsupported_version' });
  });

  it('that does not come in time ends the connection', async () => {
    const node = new MemoryNode();
    const client = node.client();

    node.clock.pass(4_999);
    expect(client.closed).toBeUndefined();
    node.clock.pass(1);

    expect((await client.next()).headers.get('code')).toBe('auth_timeout');
    expect((await client.end()).code).toBe(4401);
  });

  it('is refused without credentials', async () => {
    const client = new MemoryNode().client().frame('CONNECT', { 'accept-version': '1.2' });

    expect((await client.next()).headers.get('code')).toBe('auth_failed');
  });

  it('holds the frames behind it until the user is known', async () => {
    let letIn: (() => void) | undefined;
    const node: MemoryNode = new MemoryNode({
      authenticator: {
        authenticate: () => new Promise((resolve) => (letIn = () => resolve(node.user('ada')))),
      },
    });
    const client = node
      .client()
      .frame('CONNECT', { login: 'ada', 'accept-version': '1.2' })
      .frame('SUBSCRIBE', { id: '1', destination: '/topic/a', receipt: 'r' });

    expect(client.frames).toEqual([]);
    letIn?.();

    expect((await client.next()).command).toBe('CONNECTED');
    expect((await client.next()).headers.get('receipt-id')).toBe('r');
  });

  it.each([
    ['a second CONNECT', 'already_connected', true],
    ['a SEND before CONNECT', 'not_connected', false],
  ])('%s is answered with %s', async (_, code, isConnected) => {
    const node = new MemoryNode();
    const client = isConnected ? await node.connected() : node.client();
    client.frame(isConnected ? 'CONNECT' : 'SEND', {
      destination: '/topic/a',
      login: 'ada',
      'accept-version': '1.2',
    });

    expect((await client.next()).headers.get('code')).toBe(code);
    expect((await client.end()).code).toBe(4400);
  });
});

describe('topics', () => {
  it('hand a copy to every subscriber, under its own subscription id and with the headers of the SEND', async () => {
    const node = new MemoryNode();
    const [ada, bob] = [await node.connected('ada'), await node.connected('bob')];
    ada.frame('SUBSCRIBE', { id: 'a', destination: '/topic/news' });
    bob.frame('SUBSCRIBE', { id: 'b', destination: '/topic/*' });

    ada.frame(
      'SEND',
      { destination: '/topic/news', 'content-type': 'text/plain', colour: 'red: "deep"\n' },
      'hello',
    );

    for (const [client, subscription] of [
      [ada, 'a'],
      [bob, 'b'],
    ] as const) {
      const message = await client.next();
      expect(message.command).toBe('MESSAGE');
      expect(Buffer.from(message.body).toString()).toBe('hello');
      expect(Object.fromEntries(message.headers)).toMatchObject({
        subscription,
        destination: '/topic/news',
        'content-type': 'text/plain',
        colour: 'red: "deep"\n',
      });
    }
  });

  it('pass no forged or spent header on, and no credentials', async () => {
    const client = await new MemoryNode().connected();
    client.frame('SUBSCRIBE', { id: 'a', destination: '/topic/news', receipt: 'ready' });
    await client.next();

    const forged = { 'message-id': 'x', subscription: 'x', ack: 'x', cursor: 'x', Authorization: 'Bearer x' };
    client.frame('SEND', { destination: '/topic/news', receipt: 'r', ...forged });

    const { headers } = await client.next();
    expect([...headers.values()]).not.toContain('x');
    expect([...headers.values()]).not.toContain('Bearer x');
    expect(headers.has('receipt')).toBe(false);
  });

  it('deliver nothing after UNSUBSCRIBE', async () => {
    const client = await new MemoryNode().connected();
    client
      .frame('SUBSCRIBE', { id: 'a', destination: '/topic/news' })
      .frame('UNSUBSCRIBE', { id: 'a' })
      .frame('SEND', { destination: '/topic/news', receipt: 'sent' });

    expect((await client.next()).command).toBe('RECEIPT');
  });

  it('mark each message with what an ACK of it says, where the mode asks for one', async () => {
    const client = await new MemoryNode().connected();
    client.frame('SUBSCRIBE', { id: 'a', destination: '/topic/news', ack: 'client' });
    for (const body of ['1', '2']) client.frame('SEND', { destination: '/topic/news' }, body);

    const [first, second] = [await client.next(), await client.next()];
    client.frame('ACK', { id: second.headers.get('ack') ?? '', receipt: 'both' });
    expect((await client.next()).headers.get('receipt-id')).toBe('both');

    client.frame('ACK', { id: first.headers.get('ack') ?? '' });
    expect((await client.next()).headers.get('code')).toBe('unknown_ack');
  });

  it('close a reader that settles nothing, with slow_consumer', async () => {
    const node = new MemoryNode({ limits: { unsettled: 3 } });
    const client = await node.connected();
    client.frame('SUBSCRIBE', { id: 'a', destination: '/topic/news', ack: 'client' });

    for (let i = 0; i < 4; i++)
      node.broker.publish({ address: '/topic/news', headers: new Map(), body: Buffer.of() });

    expect((await client.end()).code).toBe(4408);
  });
});

describe('user destinations', () => {
  it('are the subscriber’s own, shown as he wrote them', async () => {
    const node = new MemoryNode();
    const [ada, bob] = [await node.connected('ada@example.org'), await node.connected('bob@example.org')];
    for (const client of [ada, bob]) client.frame('SUBSCRIBE', { id: '0', destination: '/user/queue/news' });

    node.broker.publish({
      address: '/user/ada%40example.org/queue/news',
      headers: new Map(),
      body: Buffer.of(),
    });

    expect((await ada.next()).headers.get('destination')).toBe('/user/queue/news');
    expect(bob.frames).toEqual([]);
  });

  it.each(['/user/bob/queue/news', '/user/*/queue/news', '/user/queue/*', '/user/**', '/user/queue/'])(
    'refuse a SUBSCRIBE to %s',
    async (destination) => {
      const client = await new MemoryNode().connected();
      client.frame('SUBSCRIBE', { id: '0', destination, receipt: 'r' });

      const error = await client.next();
      expect(error.headers.get('code')).toBe('forbidden');
      expect(error.headers.get('receipt-id')).toBe('r');
      expect((await client.end()).code).toBe(4403);
    },
  );

  it('refuse every SEND, one’s own address included', async () => {
    const client = await new MemoryNode().connected();
    client.frame('SEND', { destination: '/user/ada/queue/news' });

    expect((await client.next()).headers.get('code')).toBe('forbidden');
  });
});

describe('a violation', () => {
  it.each([
    ['SEND', {}, 'missing_header', 4400],
    ['SEND', { destination: '/nowhere/x' }, 'unknown_destination', 4404],
    ['SEND', { destination: '/topic/*' }, 'invalid_header', 4400],
    ['SEND', { destination: '/app/nothing' }, 'unknown_destination', 4404],
    ['SEND', { destination: '/topic/x', transaction: 't' }, 'unknown_transaction', 4400],
    ['SUBSCRIBE', { destination: '/topic/x' }, 'missing_header', 4400],
    ['SUBSCRIBE', { id: '1' }, 'missing_header', 4400],
    ['SUBSCRIBE', { id: '1', destination: '/topic/x', ack: 'maybe' }, 'invalid_header', 4400],
    ['SUBSCRIBE', { id: '1', destination: '/topic/a**' }, 'invalid_header', 4400],
    ['SUBSCRIBE', { id: '1', destination: '/topic/**/a' }, 'invalid_header', 4400],
    ['SUBSCRIBE', { id: '1', destination: '/app/nothing' }, 'unknown_destination', 4404],
    ['UNSUBSCRIBE', { id: '1' }, 'unknown_subscription', 4400],
    ['ACK', { id: '1' }, 'unknown_ack', 4400],
    ['COMMIT', { transaction: 't' }, 'unknown_transaction', 4400],
    ['MESSAGE', {}, 'unknown_command', 4400],
  ])('%s %j is answered with %s and close %i', async (command, headers, code, close) => {
    const client = await new MemoryNode().connected();
    client.frame(command, { ...headers, receipt: 'r' });

    const error = await client.next();
    expect(error.command).toBe('ERROR');
    expect(Object.fromEntries(error.headers)).toMatchObject({ code, retryable: 'false', 'receipt-id': 'r' });
    expect(await client.end()).toEqual({ code: close, reason: code });
  });

  it('of the grammar is answered too', async () => {
    const client = await new MemoryNode().connected();
    client.bytes('SEND\nno colon\n\n\0');

    expect((await client.next()).headers.get('code')).toBe('malformed_frame');
  });

  it('ends the session: frames behind it are not taken', async () => {
    const node = new MemoryNode();
    const [ada, bob] = [await node.connected('ada'), await node.connected('bob')];
    bob.frame('SUBSCRIBE', { id: 'b', destination: '/topic/news', receipt: 'ready' });
    await bob.next();

    ada.frame('SEND', {}).frame('SEND', { destination: '/topic/news' });
    await ada.end();

    expect(bob.frames).toEqual([]);
    expect(node.registry.count).toBe(1);
  });

  it('of the role is forbidden', async () => {
    const client = await new MemoryNode({ authorizer: { isAllowed: () => false } }).connected();
    client.frame('SEND', { destination: '/topic/a' });

    expect((await client.next()).headers.get('code')).toBe('forbidden');
  });
});

describe('transactions', () => {
  it('hold what is sent until COMMIT, and say in each RECEIPT that it is held', async () => {
    const client = await new MemoryNode().connected();
    client
      .frame('SUBSCRIBE', { id: 'a', destination: '/topic/news' })
      .frame('BEGIN', { transaction: 't', receipt: 'begin' })
      .frame('SEND', { destination: '/topic/news', transaction: 't', receipt: 'held' }, '1')
      .frame('SEND', { destination: '/topic/news', receipt: 'outside' }, '2')
      .frame('COMMIT', { transaction: 't', receipt: 'commit' });

    const frames = [];
    while (frames.length < 5) frames.push(await client.next());

    const said = ({ headers, body }: Frame): string | undefined =>
      headers.get('receipt-id') ?? Buffer.from(body).toString();
    expect(frames.map(said)).toEqual(['begin', 'held', '2', 'outside', '1']);
    expect(said(await client.next())).toBe('commit');
  });

  it('are forgotten at ABORT', async () => {
    const client = await new MemoryNode().connected();
    client
      .frame('SUBSCRIBE', { id: 'a', destination: '/topic/news' })
      .frame('BEGIN', { transaction: 't' })
      .frame('SEND', { destination: '/topic/news', transaction: 't', receipt: 'held' })
      .frame('ABORT', { transaction: 't', receipt: 'aborted' })
      .frame('SEND', { destination: '/topic/news' }, 'after');

    expect((await client.next()).headers.get('receipt-id')).toBe('held');
    expect((await client.next()).headers.get('receipt-id')).toBe('aborted');
    expect(Buffer.from((await client.next()).body).toString()).toBe('after');
  });

  it.each([
    ['a queue’s name that is too long', { destination: `/queue/${'x'.repeat(300)}` }, 'invalid_header'],
    ['an expiry that is none', { destination: '/queue/a', expires: 'soon' }, 'invalid_header'],
    ['a method that isn’t there', { destination: '/app/nowhere' }, 'unknown_destination'],
  ])('refuse %s before they say that it is held', async (_, headers, code) => {
    const client = await new MemoryNode().connected();
    client
      .frame('BEGIN', { transaction: 't' })
      .frame('SEND', { ...headers, transaction: 't', receipt: 'held' });

    const answer = await client.next();
    expect([answer.command, answer.headers.get('code')]).toEqual(['ERROR', code]);
  });

  it('are bounded in bytes', async () => {
    const client = await new MemoryNode({ limits: { transactionBytes: 1_000 } }).connected();
    client
      .frame('BEGIN', { transaction: 't' })
      .frame('SEND', { destination: '/topic/news', transaction: 't' }, 'x'.repeat(1_000));

    expect((await client.next()).headers.get('code')).toBe('transaction_too_large');
  });
});

describe('methods of the application', () => {
  function node(send: Application['send'], limits = {}): MemoryNode {
    const application: Application = { handles: () => true, send, subscribe: async () => undefined };
    return new MemoryNode({ application, limits });
  }

  it('have finished when the RECEIPT comes, and hold the frames behind them', async () => {
    let finish: (() => void) | undefined;
    const client = await node(() => new Promise((resolve) => (finish = resolve))).connected();
    client
      .frame('SEND', { destination: '/app/slow', receipt: 'slow' })
      .frame('BEGIN', { transaction: 't', receipt: 'behind' });
    expect(client.frames).toEqual([]);

    finish?.();

    expect((await client.next()).headers.get('receipt-id')).toBe('slow');
    expect((await client.next()).headers.get('receipt-id')).toBe('behind');
  });

  it('that fail are told on /user/queue/errors, with the receipt-id and without a RECEIPT', async () => {
    const fail = async (): Promise<void> => {
      throw new Refusal('not_found', 'No such room.');
    };
    const client = await node(fail).connected();
    client
      .frame('SUBSCRIBE', { id: 'e', destination: '/user/queue/errors' })
      .frame('SEND', { destination: '/app/x', receipt: 'r' })
      .frame('BEGIN', { transaction: 't', receipt: 'alive' });

    const told = await client.next();
    expect(told.command).toBe('MESSAGE');
    expect(told.headers.get('receipt-id')).toBe('r');
    expect(json(told.body)).toEqual({ code: 'not_found', message: 'No such room.', destination: '/app/x' });
    expect((await client.next()).headers.get('receipt-id')).toBe('alive');
  });

  it('that fail at COMMIT are told with its receipt-id, which has no RECEIPT, and what is held behind them is done', async () => {
    const client = await node(() => Promise.reject(new Refusal('not_found', 'No such room.'))).connected();
    client
      .frame('SUBSCRIBE', { id: 'e', destination: '/user/queue/errors' })
      .frame('SUBSCRIBE', { id: 'a', destination: '/topic/news' })
      .frame('BEGIN', { transaction: 't' })
      .frame('SEND', { destination: '/app/x', transaction: 't', receipt: 'held' })
      .frame('SEND', { destination: '/topic/news', transaction: 't' }, 'behind')
      .frame('COMMIT', { transaction: 't', receipt: 'commit' })
      .frame('BEGIN', { transaction: 't', receipt: 'alive' });

    expect((await client.next()).headers.get('receipt-id')).toBe('held');
    const told = await client.next();
    expect([told.command, told.headers.get('receipt-id')]).toEqual(['MESSAGE', 'commit']);
    expect(Buffer.from((await client.next()).body).toString()).toBe('behind');
    expect((await client.next()).headers.get('receipt-id')).toBe('alive');
  });

  it('that fail end the session where nobody listens; what is ours is logged and not told', async () => {
    const fault = new Error('secret');
    const application = node(() => Promise.reject(fault));
    const client = await application.connected();
    client.frame('SEND', { destination: '/app/x', receipt: 'r' });

    const error = await client.next();
    expect(error.headers.get('code')).toBe('handler_failed');
    expect(error.headers.get('message')).not.toContain('secret');
    expect((await client.end()).code).toBe(1011);
    expect(application.faults).toEqual([fault]);
  });

  it('that refuse with a code of the protocol end the session with it', async () => {
    const client = await node(() => Promise.reject(new Refusal('rate_limited', 'Slower.'))).connected();
    client.frame('SEND', { destination: '/app/x' });

    expect((await client.next()).headers.get('retryable')).toBe('true');
    expect((await client.end()).code).toBe(4429);
  });

  describe('that refuse with a code of their own', () => {
    const soldOut = new Refusal<'sold_out'>('sold_out', 'The last ticket is gone.');

    it('are told it on /user/queue/errors', async () => {
      const client = await node(() => Promise.reject(soldOut)).connected();
      client
        .frame('SUBSCRIBE', { id: 'e', destination: '/user/queue/errors' })
        .frame('SEND', { destination: '/app/x' });

      expect(json((await client.next()).body)).toMatchObject({ code: 'sold_out', message: soldOut.message });
    });

    it('end the session as those that fail, with their sentence, where nobody listens', async () => {
      const client = await node(() => Promise.reject(soldOut)).connected();
      client.frame('SEND', { destination: '/app/x' });

      const { headers } = await client.next();
      expect(headers.get('code')).toBe('handler_failed');
      expect(headers.get('message')).toBe(soldOut.message);
      expect((await client.end()).code).toBe(1011);
    });

    it('end the session with it where it has a close of its own', async () => {
      class RoomFull extends Refusal<'room_full'> {
        override get answer(): Answer {
          return { close: 4430, retryable: true };
        }
      }
      const full = new RoomFull('room_full', 'Later.', {
        details: { room: 'blue', seats: 7 },
        retryAfterMs: 2.5,
      });
      const client = await node(() => Promise.reject(full)).connected();
      client.frame('SEND', { destination: '/app/x' });

      const { headers } = await client.next();
      expect(Object.fromEntries(headers)).toMatchObject({
        code: 'room_full',
        retryable: 'true',
        room: 'blue',
        'retry-after-ms': '3',
      });
      expect(headers.has('seats')).toBe(false);
      expect((await client.end()).code).toBe(4430);
    });
  });

  it('that never return are given up', async () => {
    const stuck = node(() => new Promise(() => {}), { handlerMs: 100 });
    const client = await stuck.connected();
    client.frame('SEND', { destination: '/app/x' });

    stuck.clock.pass(100);

    expect((await client.next()).headers.get('code')).toBe('handler_failed');
  });

  it('answer a SUBSCRIBE with one MESSAGE of its own', async () => {
    const reply = { headers: new Map([['content-type', 'text/plain']]), body: Buffer.from('42') };
    const client = await new MemoryNode({
      application: { handles: () => true, send: async () => {}, subscribe: async () => reply },
    }).connected();
    client.frame('SUBSCRIBE', { id: '7', destination: '/app/number', receipt: 'r' });

    const message = await client.next();
    expect(Buffer.from(message.body).toString()).toBe('42');
    expect(message.headers.get('subscription')).toBe('7');
    expect((await client.next()).command).toBe('RECEIPT');
  });

  it('that fail at a SUBSCRIBE are told as those of a SEND', async () => {
    const application: Application = {
      handles: () => true,
      send: async () => {},
      subscribe: () => Promise.reject(new Refusal('not_found', 'No such room.')),
    };
    const client = await new MemoryNode({ application }).connected();
    client
      .frame('SUBSCRIBE', { id: 'e', destination: '/user/queue/errors' })
      .frame('SUBSCRIBE', { id: '7', destination: '/app/x', receipt: 'r' });

    const told = await client.next();
    expect(told.headers.get('receipt-id')).toBe('r');
    expect(json(told.body)).toMatchObject({ code: 'not_found' });
  });

  it('that never answer a SUBSCRIBE are given up', async () => {
    const application: Application = {
      handles: () => true,
      send: async () => {},
      subscribe: () => new Promise(() => {}),
    };
    const stuck = new MemoryNode({ application, limits: { handlerMs: 100 } });
    const client = await stuck.connected();
    client.frame('SUBSCRIBE', { id: '7', destination: '/app/x' });

    stuck.clock.pass(100);

    expect((await client.next()).headers.get('code')).toBe('handler_failed');
  });

  it('know when nobody waits for them any more: the subscription, or the session, is over', async () => {
    const requests: ApplicationRequest[] = [];
    const application: Application = {
      handles: () => true,
      send: async (request) => void requests.push(request),
      subscribe: async (request) => void requests.push(request),
    };
    const client = await new MemoryNode({ application }).connected();
    client
      .frame('SUBSCRIBE', { id: '7', destination: '/app/x', receipt: 'r' })
      .frame('SEND', { destination: '/app/x', receipt: 'r' });
    await client.next();
    await client.next();
    const isOver = (): (boolean | undefined)[] => requests.map(({ left }) => left.aborted);
    expect(isOver()).toEqual([false, false]);

    client.frame('UNSUBSCRIBE', { id: '7' });
    expect(isOver()).toEqual([true, false]);
    client.session.disconnected();

    expect(isOver()).toEqual([true, true]);
    expect(requests[1]?.session.left.aborted).toBe(true);
  });

  it('may fail after their end, and it is told as one of theirs', async () => {
    const requests: ApplicationRequest[] = [];
    const application = node(async (request) => void requests.push(request));
    const client = await application.connected();
    client
      .frame('SUBSCRIBE', { id: 'e', destination: '/user/queue/errors' })
      .frame('SEND', { destination: '/app/x', receipt: 'done' });
    await client.next();

    requests[0]?.fail(new Refusal('not_found', 'Gone.'));
    expect(json((await client.next()).body)).toMatchObject({ code: 'not_found', destination: '/app/x' });
    client.frame('UNSUBSCRIBE', { id: 'e' });
    requests[0]?.fail(new Error('secret'));

    expect((await client.next()).headers.get('code')).toBe('handler_failed');
  });
});

describe('the end', () => {
  it('by DISCONNECT is answered and then closed; nothing behind it is taken', async () => {
    const client = await new MemoryNode().connected();
    client.frame('DISCONNECT', { receipt: 'bye' }).frame('SEND', {});

    expect((await client.next()).headers.get('receipt-id')).toBe('bye');
    expect(await client.end()).toEqual({ code: 1000, reason: '' });
    expect(client.frames).toEqual([]);
  });

  it.each([
    ['the token has expired', 'auth_expired', 4401, (node: MemoryNode) => node.clock.pass(3_600_000)],
    ['the login is ended elsewhere', 'auth_revoked', 4401, (node: MemoryNode) => node.revoke('ada')],
    ['the node drains', 'server_drain', 1001, drainNow],
  ])('comes when %s: %s', async (_, code, close, happen) => {
    const node = new MemoryNode();
    const client = await node.connected();

    happen(node);

    const error = await client.next();
    expect(Object.fromEntries(error.headers)).toMatchObject({ code, retryable: 'true' });
    expect((await client.end()).code).toBe(close);
  });

  it('is told after the beginning, also where the login had ended before', async () => {
    const told: string[] = [];
    const node: MemoryNode = new MemoryNode({
      authenticator: {
        authenticate: async ({ login = '' }) => {
          const user = node.user(login);
          node.revoke(login);
          return user;
        },
      },
      observer: {
        connected: () => void told.push('connected'),
        disconnected: ({ reason }) => void told.push(reason),
      },
    });
    const client = node.client().frame('CONNECT', { login: 'ada', 'accept-version': '1.2' });

    expect((await client.end()).code).toBe(4401);
    expect(told).toEqual(['connected', 'auth_revoked']);
    expect([node.clock.pending, node.registry.count]).toEqual([0, 0]);
  });

  it('leaves no subscription, no timer and no entry in the registry', async () => {
    const node = new MemoryNode();
    const client = await node.connected();
    client.frame('SUBSCRIBE', { id: 'a', destination: '/topic/news' });

    client.session.disconnected();
    node.broker.publish({ address: '/topic/news', headers: new Map(), body: Buffer.of() });

    expect(client.frames).toEqual([]);
    expect(node.clock.pending).toBe(0);
    expect(node.registry.count).toBe(0);
  });

  it('waits with an ERROR for the RECEIPTs of frames before it, for a while', async () => {
    const application: Application = {
      handles: () => true,
      send: () => new Promise(() => {}),
      subscribe: async () => undefined,
    };
    const node = new MemoryNode({ application });
    const client = await node.connected();
    client.frame('SEND', { destination: '/app/stuck', receipt: 'never' });

    client.session.terminate('server_drain');
    expect(client.frames).toEqual([]);
    node.clock.pass(5_000);

    expect((await client.next()).headers.get('code')).toBe('server_drain');
  });
});

function drainNow(node: MemoryNode): void {
  void node.registry.drain(0);
  node.clock.pass(0);
}

describe('limits of one user', () => {
  it('count open connections; the one over it is refused', async () => {
    const node = new MemoryNode({ limits: { connectionsPerUser: 2 } });
    const first = await node.connected();
    await node.connected();

    const third = node.client();
    expect((await third.connect({ login: 'ada' })).headers.get('code')).toBe('connection_limit');

    first.session.disconnected();
    expect((await node.connected()).closed).toBeUndefined();
  });

  it('count subscriptions', async () => {
    const client = await new MemoryNode({ limits: { subscriptions: 2 } }).connected();
    for (const id of ['1', '2', '3']) client.frame('SUBSCRIBE', { id, destination: '/topic/x' });

    expect((await client.next()).headers.get('code')).toBe('subscription_limit');
  });
});

describe('heart-beats', () => {
  it('are never later than promised, and fall silent while frames flow', async () => {
    const node = new MemoryNode();
    const client = node.client();
    await client.connect({ login: 'ada', 'heart-beat': '0,2000' });

    node.clock.pass(2_000);
    expect(client.beats).toBe(1);
    for (let i = 0; i < 4; i++) {
      client.frame('BEGIN', { transaction: `${i}`, receipt: 'r' });
      node.clock.pass(1_000);
    }
    expect(client.beats).toBe(1);
  });

  it('that are missing are asked for, and then end the session', async () => {
    const node = new MemoryNode();
    const client = node.client();
    await client.connect({ login: 'ada', 'heart-beat': '10000,0' });

    node.clock.pass(10_000);
    expect(client.probes).toBe(1);
    client.session.heard();
    node.clock.pass(19_999);
    expect(client.closed).toBeUndefined();
    node.clock.pass(1);

    expect((await client.end()).reason).toBe('heartbeat_timeout');
  });

  it('are not asked of a client whose socket is not read', async () => {
    const application: Application = {
      handles: () => true,
      send: () => new Promise(() => {}),
      subscribe: async () => undefined,
    };
    const node = new MemoryNode({
      application,
      limits: { handlerMs: 3_600_000, heldBytes: 100 },
    });
    const client = node.client();
    await client.connect({ login: 'ada', 'heart-beat': '1000,0' });
    client
      .frame('SEND', { destination: '/app/stuck' })
      .frame('SEND', { destination: '/app/stuck' }, 'x'.repeat(200));

    expect(client.isPaused).toBe(true);
    node.clock.pass(60_000);

    expect(client.closed).toBeUndefined();
  });
});
