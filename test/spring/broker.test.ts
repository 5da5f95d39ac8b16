import { beforeEach, describe, expect, it } from 'vitest';
import type { Subscriber, Subscription } from '../../src/library/broker/subscriber.js';
import type { StompInterceptor } from '../../src/library/session/ports.js';
import type { MemoryClient } from '../../src/library/testing/memory-client.js';
import { MemoryNode } from '../../src/library/testing/memory-node.js';

/** What Spring's own tests state, in their words; where Carillon differs on purpose, docs/from-spring.md says so. */
let node: MemoryNode;

beforeEach(() => {
  node = new MemoryNode();
});

describe('SimpleBrokerMessageHandlerTests', () => {
  let sessions: MemoryClient[];

  beforeEach(async () => {
    sessions = [await node.connected('one'), await node.connected('two')];
    for (const session of sessions) {
      await subscribe(session, 'sub1', '/topic/foo');
      await subscribe(session, 'sub2', '/topic/foo');
      await subscribe(session, 'sub3', '/topic/bar');
    }
  });

  it('2 sessions × sub1,sub2 on /foo, sub3 on /bar; publish /foo,/bar → 6 MESSAGEs, right session+sub+destination', () => {
    publish('/topic/foo');
    publish('/topic/bar');

    expect(sessions.map(messages)).toEqual(
      Array.from({ length: 2 }, () => ['sub1 /topic/foo', 'sub2 /topic/foo', 'sub3 /topic/bar']),
    );
  });

  it('DISCONNECT sess1 then publish → only 3 for sess2', async () => {
    await answered(sessions[0]!, 'DISCONNECT', {});

    publish('/topic/foo');
    publish('/topic/bar');

    expect(sessions.map((session) => messages(session).length)).toEqual([0, 3]);
  });

  it('CONNECT → CONNECT_ACK with session, user, heartbeat 10000,10000', async () => {
    const answer = await node.client().connect({ login: 'joe', 'heart-beat': '10000,10000' });

    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'user-name': 'joe',
      'heart-beat': '10000,10000',
      session: expect.any(String) as string,
    });
  });

  it.each([
    ['server 0,1 client 1,0 idle → DISCONNECT_ACK', '1000,0', { beats: 0, code: 'heartbeat_timeout' }],
    ['server 1,0 client 0,1 idle → HEARTBEAT', '0,1000', { beats: 1, code: undefined }],
    ['server 1,1 client 10000,10000 idle → nothing (max rule)', '10000,10000', { beats: 0, code: undefined }],
  ])('%s', async (_, heartBeat, expected) => {
    const client = node.client();
    await client.connect({ login: 'joe', 'heart-beat': heartBeat });

    node.clock.pass(1_500);
    const { beats } = client;
    if (expected.code) node.clock.pass(1_500);

    expect({ beats, code: client.frames[0]?.headers.get('code') }).toEqual(expected);
  });
});

describe('DefaultSubscriptionRegistryTests', () => {
  it.each<[fact: string, subscribed: readonly string[], published: string, found: readonly number[]]>([
    ['one sub → found', ['/topic/foo'], '/topic/foo', [0]],
    ['3 ids one session → all 3', ['/topic/foo', '/topic/foo', '/topic/foo'], '/topic/foo', [0, 1, 2]],
    [
      '`/topic/PRICE.STOCK.*.IBM` matches NASDAQ',
      ['/topic/PRICE.STOCK.*.IBM'],
      '/topic/PRICE.STOCK.NASDAQ.IBM',
      [0],
    ],
    ['no match → empty', ['/topic/foo', '/topic/*/x'], '/topic/bar', []],
  ])('%s', (_, subscribed, published, found) => {
    const reached: number[] = [];
    subscribed.forEach((address, i) =>
      node.broker.subscribe(
        address,
        reader(() => reached.push(i)),
      ),
    );

    publish(published);

    expect(reached).toEqual(found);
  });

  it('mixed exact+pattern subscribe/unsubscribe/unregisterAll sequence stays exact (SPR-11657)', () => {
    const reached: string[] = [];
    const open = (name: string, address: string): Subscription =>
      node.broker.subscribe(
        address,
        reader(() => reached.push(name)),
      );
    const found = (): string[] => {
      publish('/topic/a');
      return reached.splice(0).toSorted();
    };

    const one = open('one', '/topic/a');
    const two = open('two', '/topic/*');
    expect(found()).toEqual(['one', 'two']);
    const three = open('three', '/topic/a');
    one.close();
    expect(found()).toEqual(['three', 'two']);
    two.close();
    const four = open('four', '/topic/**');
    expect(found()).toEqual(['four', 'three']);
    three.close();
    four.close();
    expect(found()).toEqual([]);
  });

  it('re-register after unregister, no error (SPR-11755)', async () => {
    const client = await node.connected();

    for (const command of ['SUBSCRIBE', 'UNSUBSCRIBE', 'SUBSCRIBE']) {
      await answered(client, command, { id: 'sub1', destination: '/topic/foo' });
    }
    publish('/topic/foo');

    expect(messages(client)).toEqual(['sub1 /topic/foo']);
  });

  it('selector off by default → all 3', async () => {
    const client = await node.connected();
    for (const [id, selector] of [
      ['a', "headers.foo == 'bar'"],
      ['b', "headers.foo == 'x'"],
      ['c', ''],
    ]) {
      await answered(client, 'SUBSCRIBE', { id: id!, destination: '/topic/foo', selector: selector! });
    }

    publish('/topic/foo');

    expect(messages(client)).toHaveLength(3);
  });

  it('2 ids, remove one, then other (SPR-11931)', async () => {
    const client = await node.connected();
    await subscribe(client, 'a', '/topic/foo');
    await subscribe(client, 'b', '/topic/foo');

    await answered(client, 'UNSUBSCRIBE', { id: 'a' });
    publish('/topic/foo');
    expect(messages(client)).toEqual(['b /topic/foo']);
    await answered(client, 'UNSUBSCRIBE', { id: 'b' });
    publish('/topic/foo');
    expect(messages(client)).toEqual([]);
  });

  it('unregisterAll for 2 of 3', async () => {
    const [one, two, three] = [await node.connected(), await node.connected(), await node.connected()];
    for (const client of [one, two, three]) await subscribe(client, 'sub', '/topic/foo');

    one.session.disconnected();
    two.session.disconnected();
    publish('/topic/foo');

    expect([one, two, three].map((client) => messages(client).length)).toEqual([0, 0, 1]);
  });

  it('unregisterAll unknown → no error', async () => {
    const client = await node.connected();

    client.session.disconnected();
    client.session.disconnected();

    expect(node.registry.count).toBe(0);
  });

  it('result map safe while subscribing (SPR-12665)', () => {
    const reached: string[] = [];
    const late = reader(() => reached.push('late'));
    node.broker.subscribe(
      '/topic/foo',
      reader(() => {
        reached.push('first');
        node.broker.subscribe('/topic/foo', late);
      }),
    );

    publish('/topic/foo');

    expect(reached.filter((name) => name === 'first')).toHaveLength(1);
    expect(node.faults).toEqual([]);
  });

  it('result list safe while unsubscribing (SPR-13185)', () => {
    const reached: string[] = [];
    const open: Subscription[] = [];
    for (const name of ['one', 'two', 'three']) {
      open.push(
        node.broker.subscribe(
          '/topic/foo',
          reader(() => {
            reached.push(name);
            open.forEach((subscription) => subscription.close());
          }),
        ),
      );
    }

    publish('/topic/foo');
    publish('/topic/foo');

    // Who is unsubscribed hears nothing more, in the middle of a message either.
    expect(reached).toEqual(['one']);
  });
});

describe('DefaultUserDestinationResolverTests', () => {
  it.each([
    ['SUBSCRIBE /user/queue/foo by joe → his address, destination unchanged', 'joe', '/user/joe/queue/foo'],
    ['to other user anna → her session', 'anna', '/user/anna/queue/foo'],
    [
      'name with slashes as %2F → her session',
      'http://joe.openid.example.org/',
      '/user/http%3A%2F%2Fjoe.openid.example.org%2F/queue/foo',
    ],
  ])('%s', async (_, name, address) => {
    const client = await node.connected(name);
    const stranger = await node.connected('stranger');
    await subscribe(client, 'a', '/user/queue/foo');
    await subscribe(stranger, 'a', '/user/queue/foo');

    publish(address);

    expect([messages(client), messages(stranger)]).toEqual([['a /user/queue/foo'], []]);
  });

  it('2 sessions → only the subscribing one', async () => {
    const [one, two] = [await node.connected('joe'), await node.connected('joe')];
    await subscribe(one, 'a', '/user/queue/foo');

    publish('/user/joe/queue/foo');

    expect([messages(one).length, messages(two).length]).toEqual([1, 0]);
  });

  it('UNSUBSCRIBE → same translation', async () => {
    const client = await node.connected('joe');
    await subscribe(client, 'a', '/user/queue/foo');

    await answered(client, 'UNSUBSCRIBE', { id: 'a' });
    publish('/user/joe/queue/foo');

    expect(messages(client)).toEqual([]);
  });
});

describe('StompSubProtocolHandlerTests', () => {
  it('DISCONNECT with receipt → RECEIPT', async () => {
    const client = await node.connected();

    client.frame('DISCONNECT', { receipt: 'bye' });

    expect((await client.next()).headers.get('receipt-id')).toBe('bye');
  });

  it('accept 1.0, no heartbeat → `version:1.0`', async () => {
    const client = node.client();

    client.frame('CONNECT', { 'accept-version': '1.0', login: 'joe' });

    expect((await client.next()).headers.get('version')).toBe('1.0');
  });

  it('`FOO\\n\\n\\0` → ERROR, channel untouched', async () => {
    const [one, two] = [await node.connected(), await node.connected()];
    await subscribe(two, 'a', '/topic/foo');

    one.bytes('FOO\n\n\0');

    expect((await one.next()).headers.get('code')).toBe('unknown_command');
    expect(two.frames).toEqual([]);
  });

  it('StompSubProtocolErrorHandlerTests: receipt on client frame → receipt-id', async () => {
    const client = await node.connected();

    client.frame('SEND', { destination: '/nowhere', receipt: 'x' });

    const { command, headers } = await client.next();
    expect([command, headers.get('receipt-id')]).toEqual(['ERROR', 'x']);
  });
});

describe('ChannelInterceptorTests', () => {
  it('preSend returns other message → delivered', async () => {
    node = new MemoryNode({
      interceptors: [
        { inbound: (frame) => ({ ...frame, headers: new Map([...frame.headers, ['mark', 'x']]) }) },
      ],
    });
    const client = await node.connected();
    await subscribe(client, 'a', '/topic/foo');

    client.frame('SEND', { destination: '/topic/foo' });

    expect((await client.next()).headers.get('mark')).toBe('x');
  });

  it('exception → the client hears it, and the interceptors behind it aren’t asked', async () => {
    const asked: string[] = [];
    const failing: StompInterceptor = {
      inbound(frame) {
        if (frame.command === 'SEND') throw new Error('a bug');
        return frame;
      },
    };
    const behind: StompInterceptor = {
      inbound(frame) {
        asked.push(frame.command);
        return frame;
      },
    };
    node = new MemoryNode({ interceptors: [failing, behind] });
    const client = await node.connected();

    client.frame('SEND', { destination: '/topic/foo' });

    expect((await client.next()).headers.get('code')).toBe('internal_error');
    expect(asked).toEqual(['CONNECT']);
  });
});

function publish(address: string): void {
  node.broker.publish({ address, headers: new Map(), body: Buffer.from('x') });
}

function reader(deliver: () => void): Subscriber {
  return { deliver, hasCapacity: () => true, onCapacity: () => {} };
}

function subscribe(client: MemoryClient, id: string, destination: string): Promise<void> {
  return answered(client, 'SUBSCRIBE', { id, destination });
}

async function answered(
  client: MemoryClient,
  command: string,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const answer = await client.frame(command, { ...headers, receipt: 'r' }).next();
  if (answer.command !== 'RECEIPT') throw new Error(answer.headers.get('message'));
}

/** What came: of which subscription, and with which destination. */
function messages(client: MemoryClient): string[] {
  return client.frames
    .splice(0)
    .map(({ headers }) => `${headers.get('subscription')} ${headers.get('destination')}`);
}
