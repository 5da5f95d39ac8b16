import { describe, expect, it } from 'vitest';
import type { Log } from '../broker/log.js';
import { ExclusiveQueueStore } from '../broker/exclusive-queue-store.js';
import { MemoryQueueTable } from '../broker/memory-queue-table.js';
import { FakeClock } from '../testing/fake-clock.js';
import type { Frame } from '../stomp/frame.js';
import type { MemoryClient } from '../testing/memory-client.js';
import { MemoryNode } from '../testing/memory-node.js';

const ack = (frame: Frame): { id: string } => ({ id: frame.headers.get('ack') ?? '' });
const text = (frame: Frame): string => Buffer.from(frame.body).toString();

async function put(node: MemoryNode, queue: string, ...bodies: string[]): Promise<void> {
  for (const body of bodies) {
    await node.broker.queues.commit([{ address: queue, headers: new Map(), body: Buffer.from(body) }], []);
  }
}

async function receipt(client: MemoryClient): Promise<void> {
  client.frame('BEGIN', { transaction: 'only for its receipt', receipt: 'here' });
  client.frame('ABORT', { transaction: 'only for its receipt' });
  for (;;) if ((await client.next()).headers.get('receipt-id') === 'here') return;
}

describe('a stranger', () => {
  it('who settles much while he reads nothing makes no callbacks pile up', async () => {
    const node = new MemoryNode();
    const client = await node.connected();
    client.frame('SUBSCRIBE', { id: '1', destination: '/queue/work' });
    client.isReading = false;
    await put(node, '/queue/work', 'waiting');
    const before = client.callbacks;

    for (let i = 0; i < 50; i++) {
      client.frame('BEGIN', { transaction: 't' });
      client.frame('SEND', { destination: '/topic/x', transaction: 't' });
      client.frame('COMMIT', { transaction: 't' });
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(client.callbacks).toBe(before);
  });

  it.each([
    ['a pattern of too many segments', `/topic${'/a'.repeat(40)}/*`],
    ['a destination that is too long', `/topic/${'a'.repeat(2_000)}`],
  ])('is refused %s', async (_, destination) => {
    const client = await new MemoryNode().connected();
    client.frame('SUBSCRIBE', { id: '1', destination });

    expect((await client.next()).headers.get('code')).toBe('invalid_header');
  });

  it('whose name is * hears nobody else', async () => {
    const node = new MemoryNode();
    const star = await node.connected('*');
    star.frame('SUBSCRIBE', { id: '1', destination: '/user/queue/news' });

    node.broker.publish({ address: '/user/ada/queue/news', headers: new Map(), body: Buffer.of() });
    await receipt(star);

    expect(star.frames).toEqual([]);
  });

  it('who sends ten thousand frames in one piece lets others have their turn', async () => {
    const node = new MemoryNode({ limits: { framesAtOnce: 10 } });
    const client = await node.connected();

    client.bytes('BEGIN\ntransaction:t\n\n\0ABORT\ntransaction:t\nreceipt:r\n\n\0'.repeat(20));
    expect(client.frames).toHaveLength(5);
    for (let i = 0; i < 4; i++) node.clock.pass(0);

    expect(client.frames).toHaveLength(20);
  });

  it('whose bodies wait for the store isn’t read on, however few they are', async () => {
    const queueStore = new ExclusiveQueueStore(new MemoryQueueTable(), new FakeClock());
    const node = new MemoryNode({ queueStore, limits: { pendingBytes: 1_000 } });
    const client = await node.connected();
    queueStore.commit = () => new Promise(() => {});

    client.frame('SEND', { destination: '/queue/work' }, 'x'.repeat(1_001));

    expect(client.isPaused).toBe(true);
  });
});

describe('a queue’s message', () => {
  const subscribe = { id: '1', destination: '/queue/work', ack: 'client' };

  it('that went to another consumer is not settled by the one before', async () => {
    const node = new MemoryNode();
    const [first, second] = [await node.connected(), await node.connected()];
    first.frame('SUBSCRIBE', subscribe);
    await put(node, '/queue/work', 'job');
    const job = await first.next();
    first.frame('BEGIN', { transaction: 't' }).frame('ACK', { ...ack(job), transaction: 't' });
    second.frame('SUBSCRIBE', subscribe);

    first.frame('UNSUBSCRIBE', { id: '1' });
    await second.next();
    first.frame('COMMIT', { transaction: 't' });
    await receipt(first);

    expect(node.broker.queues.length('/queue/work')).toBe(1);
  });

  it('keeps its place until COMMIT, where it is settled in a transaction', async () => {
    const node = new MemoryNode();
    const client = await node.connected();
    client.frame('SUBSCRIBE', { ...subscribe, 'prefetch-count': '1' });
    await put(node, '/queue/work', '1', '2');
    const one = await client.next();
    client.frame('BEGIN', { transaction: 't' }).frame('ACK', { ...ack(one), transaction: 't' });
    await receipt(client);
    expect(client.frames).toEqual([]);

    client.frame('COMMIT', { transaction: 't' });

    expect(text(await client.next())).toBe('2');
  });

  it('is not settled by a later ACK of another, after two transactions were aborted', async () => {
    const node = new MemoryNode();
    const client = await node.connected();
    client.frame('SUBSCRIBE', subscribe);
    await put(node, '/queue/work', '1', '2');
    const [one, two] = [await client.next(), await client.next()];
    client
      .frame('BEGIN', { transaction: 'a' })
      .frame('BEGIN', { transaction: 'b' })
      .frame('ACK', { ...ack(one), transaction: 'a' })
      .frame('ACK', { ...ack(two), transaction: 'b' })
      .frame('ABORT', { transaction: 'a' })
      .frame('ABORT', { transaction: 'b' })
      .frame('ACK', { ...ack(one), receipt: 'settled' });
    expect((await client.next()).command).toBe('RECEIPT');

    expect(node.broker.queues.length('/queue/work')).toBe(1);
  });

  it('comes back in its old place while the store still writes', async () => {
    const queueStore = new ExclusiveQueueStore(new MemoryQueueTable(), new FakeClock());
    const node = new MemoryNode({ queueStore });
    const client = await node.connected();
    client.frame('SUBSCRIBE', { ...subscribe, 'prefetch-count': '2' });
    await put(node, '/queue/work', '1', '2', '3');
    await client.next();
    await client.next();
    queueStore.commit = () => new Promise(() => {});

    client.frame('UNSUBSCRIBE', { id: '1' }).frame('SUBSCRIBE', { ...subscribe, id: '2' });

    expect([await client.next(), await client.next(), await client.next()].map(text)).toEqual([
      '1',
      '2',
      '3',
    ]);
  });
});

describe('a log', () => {
  const log = (rows: number, delivered: number[]): Log => ({
    head: async () => ({ epoch: 'e', seq: rows, earliest: 0 }),
    read: async (address, after, limit) =>
      Array.from({ length: rows }, (_, i) => ({
        id: `${i + 1}`,
        position: { epoch: 'e', seq: i + 1 },
        address,
        headers: new Map(),
        body: Buffer.from(`${i + 1}`),
      })).slice(after, after + limit),
    delivered: async (_, numbers) => void delivered.push(...numbers),
    renew: async () => ({ epoch: 'f', seq: rows, earliest: 0 }),
  });
  const destination = '/user/queue/notifications';

  it('has no row delivered by the ACK of a verdict', async () => {
    const delivered: number[] = [];
    const client = await new MemoryNode({ logOf: () => log(3, delivered) }).connected();
    client.frame('SUBSCRIBE', { id: '1', destination, since: 'unknown:1', ack: 'client' });

    client.frame('ACK', { ...ack(await client.next()), receipt: 'r' });
    expect((await client.next()).command).toBe('RECEIPT');

    expect(delivered).toEqual([]);
  });

  it('goes on when an UNSUBSCRIBE elsewhere in the connection frees its place', async () => {
    const logOf = (address: string): Log | undefined =>
      address.startsWith('/user/') ? log(1, []) : undefined;
    const node = new MemoryNode({ logOf, limits: { unsettled: 2 } });
    const client = await node.connected();
    client.frame('SUBSCRIBE', { id: 'q', destination: '/queue/work', ack: 'client' });
    await put(node, '/queue/work', '1', '2');
    await client.next();
    await client.next();
    client.frame('SUBSCRIBE', { id: 'n', destination, since: 'earliest', ack: 'client' });
    expect((await client.next()).headers.get('event-type')).toBe('resume');

    client.frame('UNSUBSCRIBE', { id: 'q' });

    expect(text(await client.next())).toBe('1');
  });
});

describe('a login that is ended', () => {
  it('ends the connection at once, whatever is still being done for it', async () => {
    const node = new MemoryNode({
      application: {
        handles: () => true,
        send: () => new Promise(() => {}),
        subscribe: async () => undefined,
      },
    });
    const client = await node.connected();
    client.frame('SEND', { destination: '/app/stuck' });

    node.revoke('ada');

    expect((await client.end()).reason).toBe('auth_revoked');
  });
});
