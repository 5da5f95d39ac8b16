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
