import { describe, expect, it } from 'vitest';
import type { Frame } from '../stomp/frame.js';
import { ExclusiveQueueStore } from '../broker/exclusive-queue-store.js';
import { MemoryQueueTable } from '../broker/memory-queue-table.js';
import { FakeClock } from '../testing/fake-clock.js';
import type { MemoryClient } from '../testing/memory-client.js';
import { MemoryNode } from '../testing/memory-node.js';

const text = (frame: Frame): string => Buffer.from(frame.body).toString();
const ackOf = (frame: Frame): { id: string } => ({ id: frame.headers.get('ack') ?? '' });

async function fill(client: MemoryClient, queue: string, ...bodies: string[]): Promise<void> {
  for (const body of bodies) {
    client.frame('SEND', { destination: queue, receipt: body }, body);
    expect((await client.next()).headers.get('receipt-id')).toBe(body);
  }
}

describe('a queue', () => {
  it('keeps what is sent until there is a consumer, and hands it over in order', async () => {
    const node = new MemoryNode();
    await fill(await node.connected(), '/queue/work', '1', '2', '3');

    const consumer = await node.connected();
    consumer.frame('SUBSCRIBE', { id: 'c', destination: '/queue/work' });

    expect([await consumer.next(), await consumer.next(), await consumer.next()].map(text)).toEqual([
      '1',
      '2',
      '3',
    ]);
  });

  it('hands each message to one of its consumers, in turn', async () => {
    const node = new MemoryNode();
    const consumers = [await node.connected(), await node.connected()];
    for (const consumer of consumers) consumer.frame('SUBSCRIBE', { id: 'c', destination: '/queue/work' });

    await fill(await node.connected(), '/queue/work', '1', '2', '3', '4');

    for (const [i, consumer] of consumers.entries()) {
      const got = [text(await consumer.next()), text(await consumer.next())].map(Number);
      expect(got.map((number) => number % 2)).toEqual(i === 0 ? [1, 1] : [0, 0]);
    }
  });

  it('lets no more than prefetch-count be unsettled', async () => {
    const node = new MemoryNode();
    const consumer = await node.connected();
    const subscribe = {
      id: 'c',
      destination: '/queue/work',
      ack: 'client-individual',
      'prefetch-count': '2',
    };
    consumer.frame('SUBSCRIBE', subscribe);
    await fill(await node.connected(), '/queue/work', '1', '2', '3');

    const first = await consumer.next();
    await consumer.next();
    expect(consumer.frames).toEqual([]);
    consumer.frame('ACK', ackOf(first));

    expect(text(await consumer.next())).toBe('3');
  });

  it('redelivers after NACK, marked and counted, to another consumer where there is one', async () => {
    const node = new MemoryNode();
    const [first, second] = [await node.connected(), await node.connected()];
    const subscribe = { id: 'c', destination: '/queue/work', ack: 'client-individual' };
    first.frame('SUBSCRIBE', subscribe);
    await fill(await node.connected(), '/queue/work', 'job');
    const job = await first.next();
    expect(job.headers.has('redelivered')).toBe(false);
    second.frame('SUBSCRIBE', { ...subscribe, receipt: 'ready' });
    await second.next();

    first.frame('NACK', { ...ackOf(job), receipt: 'refused' });

    const again = await second.next();
    expect(text(again)).toBe('job');
    expect(Object.fromEntries(again.headers)).toMatchObject({ redelivered: 'true', 'delivery-count': '1' });
    expect((await first.next()).headers.get('receipt-id')).toBe('refused');
  });

  it('takes back what a lost consumer held, in the original order, before what came later', async () => {
    const node = new MemoryNode();
    const lost = await node.connected();
    lost.frame('SUBSCRIBE', { id: 'c', destination: '/queue/work', ack: 'client', 'prefetch-count': '2' });
    await fill(await node.connected(), '/queue/work', '1', '2', '3');
    await lost.next();
    lost.session.disconnected();

    const consumer = await node.connected();
    consumer.frame('SUBSCRIBE', { id: 'c', destination: '/queue/work' });

    const got = [await consumer.next(), await consumer.next(), await consumer.next()];
    expect(got.map(text)).toEqual(['1', '2', '3']);
    expect(got.map(({ headers }) => headers.get('redelivered'))).toEqual(['true', 'true', undefined]);
  });

  it('in the mode client settles all before the one that is named', async () => {
    const node = new MemoryNode();
    const consumer = await node.connected();
    consumer.frame('SUBSCRIBE', { id: 'c', destination: '/queue/work', ack: 'client' });
    await fill(await node.connected(), '/queue/work', '1', '2', '3');
    const [, second] = [await consumer.next(), await consumer.next(), await consumer.next()];

    consumer.frame('ACK', { ...ackOf(second), receipt: 'settled' });
    await consumer.next();

    expect(node.broker.queues.length('/queue/work')).toBe(1);
  });

  it('buries what nobody can process, and says where it came from', async () => {
    const node = new MemoryNode({ limits: { queueDeliveries: 2 } });
    const consumer = await node.connected();
    consumer.frame('SUBSCRIBE', { id: 'c', destination: '/queue/work', ack: 'client' });
    await fill(await node.connected(), '/queue/work', 'poison');
    for (let i = 0; i < 2; i++) consumer.frame('NACK', ackOf(await consumer.next()));

    const reader = await node.connected();
    reader.frame('SUBSCRIBE', { id: 'd', destination: '/queue/dlq/work' });

    const letter = await reader.next();
    expect(text(letter)).toBe('poison');
    expect(Object.fromEntries(letter.headers)).toMatchObject({
      destination: '/queue/dlq/work',
      'original-destination': '/queue/work',
      'delivery-count': '2',
      reason: 'max-deliveries',
    });
    expect(node.broker.queues.length('/queue/work')).toBe(0);
  });

  it('buries what is past its time instead of delivering it', async () => {
    const node = new MemoryNode();
    const sender = await node.connected();
    const destination = '/queue/work';
    sender.frame('SEND', { destination, expires: String(node.clock.now() + 1_000), receipt: 's' }, 'milk');
    await sender.next();
    const reader = await node.connected();
    reader.frame('SUBSCRIBE', { id: 'd', destination: '/queue/dlq/work', receipt: 'ready' });
    await reader.next();

    node.clock.pass(1_000);
    const consumer = await node.connected();
    consumer.frame('SUBSCRIBE', { id: 'c', destination, receipt: 'c' });

    expect((await reader.next()).headers.get('reason')).toBe('expired');
    expect(consumer.frames.map(({ command }) => command)).toEqual(['RECEIPT']);
  });

  it('refuses what is over its length, and keeps what it had', async () => {
    const node = new MemoryNode({ limits: { queueMessages: 2 } });
    const sender = await node.connected();
    await fill(sender, '/queue/work', '1', '2');

    sender.frame('SEND', { destination: '/queue/work', receipt: 'r' }, '3');

    const error = await sender.next();
    expect(Object.fromEntries(error.headers)).toMatchObject({ code: 'queue_full', 'receipt-id': 'r' });
    expect(node.broker.queues.length('/queue/work')).toBe(2);
  });

  it('counts its dead letters as its own, so that they do not gather without end', async () => {
    const node = new MemoryNode({ limits: { queueMessages: 2, queueDeliveries: 1 } });
    const sender = await node.connected();
    await fill(sender, '/queue/work', '1', '2');
    const consumer = await node.connected();
    consumer.frame('SUBSCRIBE', { id: 'c', destination: '/queue/work', ack: 'client-individual' });
    for (let i = 0; i < 2; i++)
      consumer.frame('NACK', { id: (await consumer.next()).headers.get('ack')!, receipt: `${i}` });
    for (let i = 0; i < 2; i++) await consumer.next();
    expect(node.broker.queues.lengths).toEqual(new Map([['/queue/dlq/work', 2]]));

    sender.frame('SEND', { destination: '/queue/work', receipt: 'r' }, '3');

    expect((await sender.next()).headers.get('code')).toBe('queue_full');
    expect(node.broker.queues.length('/queue/dlq/work')).toBe(2);
    await fill(await node.connected(), '/queue/other', 'goes on');
  });

  it('is refused as one too many while so many queues hold messages', async () => {
    const node = new MemoryNode({ limits: { queues: 2 } });
    const sender = await node.connected();
    await fill(sender, '/queue/a', '1');
    await fill(sender, '/queue/b', '1', '2');

    sender.frame('SEND', { destination: '/queue/c', receipt: 'r' }, '3');

    expect((await sender.next()).headers.get('code')).toBe('queue_full');
    expect([...node.broker.queues.lengths.keys()]).toEqual(['/queue/a', '/queue/b']);
  });

  it('waits for a reader that does not read', async () => {
    const node = new MemoryNode();
    const consumer = await node.connected();
    consumer.frame('SUBSCRIBE', { id: 'c', destination: '/queue/work' });
    consumer.isReading = false;
    await fill(await node.connected(), '/queue/work', '1');
    expect(consumer.frames).toEqual([]);

    consumer.readAgain();

    expect(text(await consumer.next())).toBe('1');
  });

  it('is served from its store where it is longer than its part in memory', async () => {
    const node = new MemoryNode({ limits: { queueWindowMessages: 4 } });
    const bodies = Array.from({ length: 50 }, (_, i) => `${i}`);
    await fill(await node.connected(), '/queue/work', ...bodies);
    const consumer = await node.connected();
    consumer.frame('SUBSCRIBE', {
      id: 'c',
      destination: '/queue/work',
      ack: 'client',
      'prefetch-count': '3',
    });

    const got = [];
    for (const _ of bodies) {
      const message = await consumer.next();
      got.push(text(message));
      consumer.frame('ACK', ackOf(message));
    }

    expect(got).toEqual(bodies);
  });

  it('survives its process', async () => {
    const table = new MemoryQueueTable();
    const start = () => new MemoryNode({ queueStore: new ExclusiveQueueStore(table, new FakeClock()) });
    const before = start();
    await fill(await before.connected(), '/queue/work', '1', '2');

    const after = start();
    await after.broker.queues.open();
    const consumer = await after.connected();
    consumer.frame('SUBSCRIBE', { id: 'c', destination: '/queue/work' });
    await fill(await after.connected(), '/queue/work', '3');

    expect([await consumer.next(), await consumer.next(), await consumer.next()].map(text)).toEqual([
      '1',
      '2',
      '3',
    ]);
  });
});

describe('a transaction', () => {
  it('stores its sends and settles its messages together, at COMMIT', async () => {
    const node = new MemoryNode();
    const client = await node.connected();
    client.frame('SUBSCRIBE', { id: 'c', destination: '/queue/in', ack: 'client' });
    await fill(await node.connected(), '/queue/in', 'job');
    const job = await client.next();
    client
      .frame('BEGIN', { transaction: 't' })
      .frame('SEND', { destination: '/queue/out', transaction: 't' }, 'done')
      .frame('ACK', { ...ackOf(job), transaction: 't', receipt: 'ack' });
    expect((await client.next()).headers.get('receipt-id')).toBe('ack');
    expect([node.broker.queues.length('/queue/in'), node.broker.queues.length('/queue/out')]).toEqual([1, 0]);

    client.frame('COMMIT', { transaction: 't', receipt: 'commit' });

    expect((await client.next()).headers.get('receipt-id')).toBe('commit');
    expect([node.broker.queues.length('/queue/in'), node.broker.queues.length('/queue/out')]).toEqual([0, 1]);
  });

  it('that is aborted leaves its messages unsettled, and they can be settled again', async () => {
    const node = new MemoryNode();
    const client = await node.connected();
    client.frame('SUBSCRIBE', { id: 'c', destination: '/queue/in', ack: 'client' });
    await fill(await node.connected(), '/queue/in', 'job');
    const job = await client.next();

    client
      .frame('BEGIN', { transaction: 't' })
      .frame('ACK', { ...ackOf(job), transaction: 't' })
      .frame('ABORT', { transaction: 't' })
      .frame('ACK', { ...ackOf(job), receipt: 'settled' });

    expect((await client.next()).headers.get('receipt-id')).toBe('settled');
    expect(node.broker.queues.length('/queue/in')).toBe(0);
  });

  it('that is open when its connection is lost never happened', async () => {
    const node = new MemoryNode();
    const lost = await node.connected();
    lost
      .frame('BEGIN', { transaction: 't' })
      .frame('SEND', { destination: '/queue/out', transaction: 't' }, 'x');
    lost.session.disconnected();

    expect(node.broker.queues.length('/queue/out')).toBe(0);
  });
});

describe('a store that fails', () => {
  it('is answered with internal_error, and what it had stays', async () => {
    const queueStore = new ExclusiveQueueStore(new MemoryQueueTable(), new FakeClock());
    const node = new MemoryNode({ queueStore });
    const consumer = await node.connected();
    consumer.frame('SUBSCRIBE', { id: 'c', destination: '/queue/work', ack: 'client' });
    await fill(await node.connected(), '/queue/work', 'job');
    const job = await consumer.next();
    const commit = queueStore.commit.bind(queueStore);
    queueStore.commit = () => Promise.reject(new Error('disk full'));

    consumer.frame('ACK', { ...ackOf(job), receipt: 'r' });
    await consumer.end();
    expect(consumer.frames.at(-1)?.headers.get('code')).toBe('internal_error');
    queueStore.commit = commit;

    const other = await node.connected();
    other.frame('SUBSCRIBE', { id: 'c', destination: '/queue/work' });
    expect(text(await other.next())).toBe('job');
  });
});
