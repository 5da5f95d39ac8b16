import { describe, expect, it } from 'vitest';
import type { Limits } from '../limits.js';
import type { Application } from './ports.js';
import { MemoryNode } from '../testing/memory-node.js';
import type { MemoryClient } from '../testing/memory-client.js';

const code = async (client: MemoryClient): Promise<string | undefined> =>
  (await client.next()).headers.get('code');

/** Until all that was sent before is answered, whose answers are not asked for here. */
async function settled(client: MemoryClient): Promise<void> {
  client.frame('BEGIN', { transaction: '#', receipt: '#' }).frame('ABORT', { transaction: '#' });
  for (;;) if ((await client.next()).headers.get('receipt-id') === '#') return;
}

const stuck: Application = {
  handles: () => true,
  send: () => new Promise(() => {}),
  subscribe: async () => undefined,
};

describe('a name that a client gives', () => {
  it.each([
    ['of a subscription', 'id', 'SUBSCRIBE', { destination: '/topic/x' }],
    ['of a transaction', 'transaction', 'BEGIN', {}],
  ])('%s has 255 characters at most', async (_, header, command, others) => {
    const node = new MemoryNode();
    const [longest, longer] = [await node.connected(), await node.connected()];

    longest.frame(command, { ...others, [header]: 'x'.repeat(255) });
    longer.frame(command, { ...others, [header]: 'x'.repeat(256) });

    await settled(longest);
    expect(await code(longer)).toBe('invalid_header');
  });
});

describe('subscriptions of one connection to one address', () => {
  const limits = { subscriptionsPerAddress: 3 };
  const subscribed = async (...destinations: readonly string[]): Promise<MemoryClient> => {
    const client = await new MemoryNode({ limits, application: stuck }).connected();
    for (const [i, destination] of destinations.entries())
      client.frame('SUBSCRIBE', { id: `${i}`, destination });
    return client;
  };

  it.each([
    ['the same', ['/topic/a', '/topic/a', '/topic/a', '/topic/a']],
    ['the own one', ['/user/queue/a', '/user/queue/a', '/user/queue/a', '/user/queue/a']],
    ['a method', ['/app/a', '/app/a', '/app/a', '/app/a']],
    ['patterns that match it', ['/topic/**', '/topic/*', '/topic/a', '/topic/a/**']],
    ['patterns alone', ['/topic/*/b', '/topic/a/*', '/topic/**', '/topic/*/*']],
    ['one more pattern over many', ['/topic/a', '/topic/a', '/topic/a', '/topic/*']],
    ['one pattern many times', ['/topic/*', '/topic/*', '/topic/*', '/topic/*']],
  ])('have a limit, by %s', async (_, destinations) => {
    const client = await subscribed(...destinations);

    expect(await code(client)).toBe('subscription_limit');
  });

  it.each([
    ['other addresses', ['/topic/a', '/topic/a', '/topic/a', '/topic/b', '/topic/c']],
    [
      'patterns that have no address in common',
      ['/topic/*', '/topic/a.*', '/topic/a/*', '/topic/b/*', '/topic/*/c/d'],
    ],
    ['one pattern over addresses that differ', ['/topic/a', '/topic/b', '/topic/c', '/topic/d', '/topic/**']],
  ])('leave room for %s', async (_, destinations) => {
    await settled(await subscribed(...destinations));
  });

  it('are free again after UNSUBSCRIBE, patterns too', async () => {
    const client = await subscribed('/topic/a/*', '/topic/a/*', '/topic/a/b', '/topic/c');

    client.frame('UNSUBSCRIBE', { id: '0' }).frame('UNSUBSCRIBE', { id: '2' });
    for (const id of ['4', '5']) client.frame('SUBSCRIBE', { id, destination: '/topic/a/b' });
    await settled(client);
    client.frame('SUBSCRIBE', { id: '6', destination: '/topic/a/b' });

    expect(await code(client)).toBe('subscription_limit');
  });
});

describe('what the connections of one user hold together', () => {
  const nodeWith = (limits: Partial<Limits>): MemoryNode => new MemoryNode({ limits, application: stuck });

  it('has a limit of subscriptions, which others of the user and other users don’t pay for', async () => {
    const node = nodeWith({ subscriptionsPerUser: 3 });
    const [one, two, bob] = [await node.connected(), await node.connected(), await node.connected('bob')];
    for (const id of ['1', '2', '3']) one.frame('SUBSCRIBE', { id, destination: `/topic/${id}` });

    two.frame('SUBSCRIBE', { id: '1', destination: '/topic/1' });
    bob.frame('SUBSCRIBE', { id: '1', destination: '/topic/1' });

    expect(await code(two)).toBe('subscription_limit');
    await settled(one);
    await settled(bob);
    one.session.disconnected();
    const three = await node.connected();
    three.frame('SUBSCRIBE', { id: '1', destination: '/topic/1' });
    await settled(three);
  });

  it('has a limit of bytes in transactions, and who holds little of it is let go on', async () => {
    const node = nodeWith({ transactionBytesPerUser: 10_000 });
    const [one, two, three] = [await node.connected(), await node.connected(), await node.connected()];
    const hold = (client: MemoryClient, bytes: number): void => {
      client.frame('BEGIN', { transaction: 't' });
      client.frame('SEND', { transaction: 't', destination: '/topic/x' }, 'x'.repeat(bytes));
    };
    hold(one, 8_000);
    hold(two, 1_000);
    await settled(two);

    hold(three, 6_000);
    expect(await code(three)).toBe('transaction_too_large');
    two.frame('COMMIT', { transaction: 't' });
    await settled(two);

    one.session.disconnected();
    hold(two, 8_000);
    await settled(two);
  });

  it('has a limit of bytes that wait for their work, headers too; beyond it the one with most isn’t read', async () => {
    const node = nodeWith({ pendingBytesPerUser: 10_000 });
    const [one, two] = [await node.connected(), await node.connected()];

    one.frame('SEND', { destination: '/app/a', note: 'x'.repeat(6_000) });
    two.frame('SEND', { destination: '/app/a' }, 'x'.repeat(100));

    expect([one.isPaused, two.isPaused]).toEqual([true, false]);
  });

  it('has a limit of bytes of frames that have begun and don’t end', async () => {
    const node = nodeWith({ inputBytesPerUser: 10_000 });
    const [one, two] = [await node.connected(), await node.connected()];
    const begin = (client: MemoryClient, bytes: number): void =>
      void client.bytes(`SEND\ndestination:/topic/x\ncontent-length:9999\n\n${'x'.repeat(bytes)}`);

    begin(one, 6_000);
    begin(two, 1_000);
    expect(two.frames).toEqual([]);
    begin(two, 8_000);

    expect(await code(two)).toBe('rate_limited');
    expect(one.closed).toBeUndefined();
  });

  it('counts the same of all who haven’t signed in, where who holds little is let in', async () => {
    const node = new MemoryNode({ limits: { inputBytesOfStrangers: 10_000 } });
    const strangers = [node.client(), node.client(), node.client()];

    for (const stranger of strangers) stranger.bytes(`CONNECT\nAuthorization:${'x'.repeat(4_000)}`);

    expect(await code(strangers[2] as MemoryClient)).toBe('rate_limited');
    await node.connected();
  });

  it('has a limit of bytes of queues that are unsettled: they wait until some are settled anywhere', async () => {
    const node = nodeWith({ unsettledBytesPerUser: 10_000 });
    const [one, two] = [await node.connected(), await node.connected()];
    const put = (queue: string): Promise<void> =>
      node.broker.queues.commit([{ address: queue, headers: new Map(), body: Buffer.alloc(6_000) }], []);
    one.frame('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client' });
    two.frame('SUBSCRIBE', { id: '1', destination: '/queue/b', ack: 'client' });
    await put('/queue/a');
    const held = await one.next();
    await put('/queue/b');
    await two.next();

    await put('/queue/b');
    await settled(two);
    one.frame('ACK', { id: held.headers.get('ack') ?? '' });

    expect((await two.next()).command).toBe('MESSAGE');
  });
});

describe('messages of a queue that a connection holds', () => {
  it('are bounded by their bytes as well as by their number', async () => {
    const node = new MemoryNode({ limits: { unsettledBytes: 10_000 } });
    const client = await node.connected();
    client.frame('SUBSCRIBE', { id: '1', destination: '/queue/a', ack: 'client-individual' });
    const body = Buffer.alloc(1_000);
    const headers = new Map([['note', 'x'.repeat(2_500)]]);
    for (let i = 0; i < 3; i++) await node.broker.queues.commit([{ address: '/queue/a', headers, body }], []);
    const [first, second] = [await client.next(), await client.next()];
    client.frame('BEGIN', { transaction: '#', receipt: '#' });
    expect((await client.next()).command).toBe('RECEIPT');

    client.frame('ACK', { id: second.headers.get('ack') ?? '' });

    expect([first.command, (await client.next()).command]).toEqual(['MESSAGE', 'MESSAGE']);
  });
});
