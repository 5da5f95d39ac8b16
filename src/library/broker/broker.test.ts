import { describe, expect, it } from 'vitest';
import { MemoryNode } from '../testing/memory-node.js';
import type { Audience } from './message.js';

describe('a message', () => {
  it.each<[string, Audience | undefined, string[]]>([
    ['all', undefined, ['ada', 'bob', 'none', 'pattern of ada']],
    ['one session', { only: 'ada' }, ['ada', 'pattern of ada']],
    ['all but one', { except: 'ada' }, ['bob', 'none']],
  ])('reaches %s', (_, audience, expected) => {
    const { broker } = new MemoryNode();
    const got: string[] = [];
    const subscriber = (name: string, sessionId?: string) => ({
      ...(sessionId !== undefined && { sessionId }),
      deliver: () => void got.push(name),
      hasCapacity: () => true,
      onCapacity: () => {},
    });
    broker.subscribe('/topic/x', subscriber('ada', 'ada'));
    broker.subscribe('/topic/x', subscriber('bob', 'bob'));
    broker.subscribe('/topic/x', subscriber('none'));
    broker.subscribe('/topic/*', subscriber('pattern of ada', 'ada'));

    broker.publish({
      address: '/topic/x',
      headers: new Map(),
      body: Buffer.of(),
      ...(audience && { audience }),
    });

    expect(got).toEqual(expected);
  });
});

describe('a subscription', () => {
  const publish = (node: MemoryNode, address: string): unknown =>
    node.broker.publish({ address, headers: new Map(), body: Buffer.of() });
  const subscriber = (got: string[], name: string) => ({
    deliver: () => void got.push(name),
    hasCapacity: () => true,
    onCapacity: () => {},
  });

  it.each(['/topic/x', '/topic/*'])('to %s gets nothing after it was closed', (address) => {
    const node = new MemoryNode();
    const got: string[] = [];
    const subscription = node.broker.subscribe(address, subscriber(got, 'ada'));
    publish(node, '/topic/x');

    subscription.close();
    publish(node, '/topic/x');

    expect(got).toEqual(['ada']);
  });

  it.each(['/topic/x', '/topic/*'])('to %s takes no other with it, though it is closed twice', (address) => {
    const node = new MemoryNode();
    const got: string[] = [];
    const first = node.broker.subscribe(address, subscriber(got, 'first'));
    node.broker.subscribe(address, subscriber(got, 'second')).close();
    first.close();
    node.broker.subscribe(address, subscriber(got, 'third'));
    node.broker.subscribe(address, subscriber(got, 'fourth')).close();

    first.close();
    publish(node, '/topic/x');

    expect(got).toEqual(['third']);
  });

  it('outside of /topic has no patterns: a star stands for itself', () => {
    const node = new MemoryNode();
    const got: string[] = [];
    node.broker.subscribe('/user/*/queue/x', subscriber(got, 'star'));

    publish(node, '/user/ada/queue/x');
    expect(got).toEqual([]);
    publish(node, '/user/*/queue/x');

    expect(got).toEqual(['star']);
  });
});

describe('the messages of a node', () => {
  it('have names of their own, which begin with the node’s, and are counted', () => {
    const { broker } = new MemoryNode();
    const publish = (): string =>
      broker.publish({ address: '/topic/x', headers: new Map(), body: Buffer.of() }).id;

    expect([publish(), publish(), broker.nextId()]).toEqual(['test-1', 'test-2', 'test-3']);
    expect(broker.published).toBe(2);
  });
});

describe('a message to more subscribers than fit in a turn of the event loop', () => {
  function setUp(count: number) {
    const { broker, clock } = new MemoryNode({ limits: { turnMs: 40 } });
    const got: string[] = [];
    const subscriptions = Array.from({ length: count }, (_, i) =>
      broker.subscribe('/topic/x', {
        deliver: ({ body }) => {
          got.push(`${i}${Buffer.from(body).toString()}`);
          clock.keepBusy(1);
        },
        hasCapacity: () => true,
        onCapacity: () => {},
      }),
    );
    const publish = (text: string, address = '/topic/x'): void =>
      void broker.publish({ address, headers: new Map(), body: Buffer.from(text) });
    return { broker, clock, got, subscriptions, publish };
  }

  it('reaches the rest in the next turns, and what comes after it comes after it', async () => {
    const { broker, clock, got, publish } = setUp(100);

    publish('a');
    const arrived = broker.delivered('/topic/x');
    publish('b');
    expect(got).toHaveLength(95);
    for (let i = 0; i < 30; i++) clock.pass(0);
    await arrived;

    expect(broker.delivered('/topic/x')).toBeUndefined();
    const all = Array.from({ length: 100 }, (_, i) => i);
    expect(got).toEqual([...all.map((i) => `${i}a`), ...all.map((i) => `${i}b`)]);
  });

  it('reaches nobody who has left meanwhile, nor one who came after it was published', () => {
    const { broker, clock, got, publish, subscriptions } = setUp(100);

    publish('a');
    subscriptions[99]?.close();
    broker.subscribe('/topic/x', {
      deliver: () => void got.push('late'),
      hasCapacity: () => true,
      onCapacity: () => {},
    });
    for (let i = 0; i < 30; i++) clock.pass(0);

    expect(got).toHaveLength(99);
    expect(got).not.toContain('late');
  });

  it('doesn’t hold up other addresses', () => {
    const { broker, got, publish } = setUp(100);
    broker.subscribe('/topic/y', {
      deliver: () => void got.push('y'),
      hasCapacity: () => true,
      onCapacity: () => {},
    });

    publish('a');
    publish('b', '/topic/y');

    expect(got.at(-1)).toBe('y');
  });

  it('takes no more than its part of each turn, and other addresses are told of as done', () => {
    const { broker, clock, got, publish } = setUp(400);

    publish('a');
    const atOnce = got.length;
    clock.pass(0);

    expect(atOnce).toBeLessThan(200);
    expect(got.length).toBeGreaterThan(atOnce);
    expect(got.length).toBeLessThan(300);
    expect(broker.delivered('/topic/x')).toBeInstanceOf(Promise);
    expect(broker.delivered('/topic/y')).toBeUndefined();
  });

  it('shares each turn with messages to other addresses', () => {
    const { broker, clock } = new MemoryNode({ limits: { turnMs: 40 } });
    const got = { x: 0, y: 0 };
    for (const name of ['x', 'y'] as const) {
      for (let i = 0; i < 600; i++)
        broker.subscribe(`/topic/${name}`, {
          deliver: () => {
            got[name] += 1;
            clock.keepBusy(0.25);
          },
          hasCapacity: () => true,
          onCapacity: () => {},
        });
      broker.publish({ address: `/topic/${name}`, headers: new Map(), body: Buffer.of() });
    }
    const before = { ...got };

    clock.pass(0);

    expect(got.x).toBeGreaterThan(before.x);
    expect(got.y).toBeGreaterThan(before.y);
  });

  it('reaches one who left before and has come again', () => {
    const { broker, clock, got, publish, subscriptions } = setUp(100);
    const back = {
      deliver: () => void got.push('back'),
      hasCapacity: () => true,
      onCapacity: () => {},
    };
    const finish = (): void => {
      for (let i = 0; i < 30; i++) clock.pass(0);
    };
    broker.subscribe('/topic/x', back).close();
    const second = broker.subscribe('/topic/x', back);
    publish('a');
    finish();
    expect(got).toContain('back');

    publish('b');
    second.close();
    finish();
    subscriptions[0]?.close();
    broker.subscribe('/topic/x', back);
    got.length = 0;
    publish('c');
    finish();

    expect(got).toHaveLength(100);
    expect(got).toContain('back');
  });

  it('reaches nobody who has left, though another address has meanwhile got all of its own', () => {
    const { broker, clock, got, publish, subscriptions } = setUp(400);
    for (let i = 0; i < 40; i++)
      broker.subscribe('/topic/short', {
        deliver: () => {},
        hasCapacity: () => true,
        onCapacity: () => {},
      });
    publish('a');
    publish('b', '/topic/short');

    subscriptions[399]?.close();
    for (let i = 0; i < 100; i++) clock.pass(0);

    expect(got).toHaveLength(399);
    expect(broker.delivered('/topic/short')).toBeUndefined();
  });

  it('is never more than a hundred messages behind: then all of them arrive first', () => {
    const { got, publish } = setUp(100);

    for (let i = 0; i < 100; i++) publish('a');
    expect(got).toHaveLength(95);
    publish('b');

    expect(got).toHaveLength(101 * 100);
  });

  it('holds the next frame of the client that sent it, and its RECEIPT', async () => {
    const node = new MemoryNode({ limits: { turnMs: 40 } });
    for (let i = 0; i < 100; i++)
      node.broker.subscribe('/topic/x', {
        deliver: () => node.clock.keepBusy(1),
        hasCapacity: () => true,
        onCapacity: () => {},
      });
    const client = await node.connected();

    client.frame('SEND', { destination: '/topic/x', receipt: '1' });
    client.frame('SEND', { destination: '/topic/y', receipt: '2' });
    expect(client.frames).toEqual([]);
    for (let i = 0; i < 10; i++) node.clock.pass(0);

    const receipts = [await client.next(), await client.next()];
    expect(receipts.map(({ headers }) => headers.get('receipt-id'))).toEqual(['1', '2']);
  });
});

describe('an address that is opened', () => {
  const reader = (got: string[]) => ({
    deliver: ({ body }: { body: Uint8Array }) => void got.push(Buffer.from(body).toString()),
    hasCapacity: () => true,
    onCapacity: () => {},
  });

  it.each(['/topic/x', '/topic/*'])('delivers what is published after the start: %s', (address) => {
    const { broker } = new MemoryNode();
    const got: string[] = [];
    const publish = (text: string): void =>
      void broker.publish({ address: '/topic/x', headers: new Map(), body: Buffer.from(text) });

    const following = broker.open(address);
    publish('before');
    following.start(reader(got));
    publish('live');
    following.close();
    publish('after');

    expect([following.opened, got]).toEqual([undefined, ['live']]);
  });

  it('refuses a position where there is no log, and passes over a hint', () => {
    const { broker } = new MemoryNode();

    expect(() => broker.open('/topic/x', { since: 'e:1' })).toThrow('no log to resume from');
    expect(broker.open('/topic/x', { hint: 'e:1' }).opened).toBeUndefined();
  });
});
