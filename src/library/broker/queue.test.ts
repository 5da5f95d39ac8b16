import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { MemoryNode } from '../testing/memory-node.js';
import { ExclusiveQueueStore } from './exclusive-queue-store.js';
import { MemoryQueueTable } from './memory-queue-table.js';
import type { Message } from './message.js';
import type { QueuedMessage } from './queue-store.js';
import type { Subscriber, Subscription } from './subscriber.js';

const QUEUE = '/queue/work';

class ObservedTable extends MemoryQueueTable {
  reads = 0;
  failures = 0;

  override async read(...what: Parameters<MemoryQueueTable['read']>): Promise<QueuedMessage[]> {
    this.reads += 1;
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('disk gone');
    }
    return super.read(...what);
  }
}

/** A consumer that takes as many as it is allowed to. */
class Consumer implements Subscriber {
  readonly held: Message[] = [];
  subscription: Subscription | undefined;
  #room: number;
  #onCapacity: (() => void) | undefined;

  constructor(
    private readonly node: MemoryNode,
    room: number,
    queue = QUEUE,
  ) {
    this.#room = room;
    this.subscription = node.broker.subscribe(queue, this);
  }

  get bodies(): string[] {
    return this.held.map(({ body }) => Buffer.from(body).toString());
  }

  deliver(message: Message): void {
    this.#room -= 1;
    this.held.push(message);
  }

  hasCapacity(): boolean {
    return this.#room > 0;
  }

  onCapacity(callback: () => void): void {
    this.#onCapacity = callback;
  }

  async takes(count: number): Promise<void> {
    this.#room += count;
    const callback = this.#onCapacity;
    this.#onCapacity = undefined;
    callback?.();
    await settled();
  }

  async settles(outcome: 'ack' | 'nack' | 'reject', message = this.held.shift()): Promise<void> {
    if (!message) throw new Error('nothing is held');
    await this.node.broker.queues.commit([], [{ message, outcome, consumer: this }]);
    await settled();
  }
}

function setUp(limits: Partial<Limits> = {}) {
  const store = new ObservedTable();
  const queueStore = new ExclusiveQueueStore(store, new FakeClock());
  const node = new MemoryNode({ queueStore, limits });
  const send = async (body: string, headers: Record<string, string> = {}, address = QUEUE): Promise<void> => {
    const draft = { address, headers: new Map(Object.entries(headers)), body: Buffer.from(body) };
    await node.broker.queues.commit([draft], []);
    await settled();
  };
  const inMs = (ms: number): Record<string, string> => ({ expires: String(node.clock.now() + ms) });
  return { store, node, send, inMs, queues: node.broker.queues };
}

const tenBytes = (i: number): string => `message ${i}${' '.repeat(9 - String(i).length)}`.slice(0, 10);

describe('the part of a queue that is in memory', () => {
  it.each([
    ['four messages', { queueWindowMessages: 4 }],
    ['the bytes of four messages', { queueWindowBytes: 40 }],
  ])('is %s, and more is read when less than half of it is left', async (_, limits) => {
    const { node, store, send } = setUp(limits);
    for (let i = 0; i < 10; i += 1) await send(tenBytes(i));
    const consumer = new Consumer(node, 0);
    await settled();
    expect(store.reads).toBe(1);

    await consumer.takes(2);
    expect([consumer.held.length, store.reads]).toEqual([2, 1]);
    await consumer.takes(1);
    expect([consumer.held.length, store.reads]).toEqual([3, 2]);
    await consumer.takes(10);

    expect(consumer.bodies).toEqual(Array.from({ length: 10 }, (__, i) => tenBytes(i)));
  });

  it('is a message at a time, for a consumer with room, where all queues together keep much', async () => {
    const { node, store, send } = setUp({ queueWindowsBytes: 40 });
    const [first, second] = ['/queue/first', '/queue/second'];
    for (let i = 0; i < 5; i += 1) await send(tenBytes(i), {}, first);
    for (let i = 0; i < 5; i += 1) await send(tenBytes(i), {}, second);
    const other = new Consumer(node, 0, first);
    await settled();
    const { reads } = store;
    const consumer = new Consumer(node, 0, second);
    await settled();
    await send(tenBytes(5), {}, second);
    expect(store.reads).toBe(reads);

    await consumer.takes(2);
    expect([consumer.held.length, store.reads - reads]).toEqual([2, 2]);
    await other.takes(5);
    await consumer.takes(4);

    expect(other.bodies).toEqual([0, 1, 2, 3, 4].map(tenBytes));
    expect(consumer.bodies).toEqual([0, 1, 2, 3, 4, 5].map(tenBytes));
  });

  it('is all of it while it fits: what is sent then is read from no store', async () => {
    const { node, store, send } = setUp({ queueWindowMessages: 4 });
    const consumer = new Consumer(node, 0);
    await settled();
    const { reads } = store;

    for (const body of ['1', '2', '3', '4']) await send(body);
    await consumer.takes(3);

    expect([consumer.bodies, store.reads]).toEqual([['1', '2', '3'], reads]);
  });

  it('is followed by what didn’t fit, in order', async () => {
    const { node, send } = setUp({ queueWindowMessages: 2 });
    const consumer = new Consumer(node, 0);
    await settled();

    for (const body of ['1', '2', '3', '4', '5']) await send(body);
    await consumer.takes(5);

    expect(consumer.bodies).toEqual(['1', '2', '3', '4', '5']);
  });

  it('is read again after a pause where the store failed, and each failure is told', async () => {
    const { node, store, send } = setUp({ storeRetryMs: 1_000 });
    await send('1');
    store.failures = 2;
    const consumer = new Consumer(node, 1);
    await settled();

    node.clock.pass(1_000);
    await settled();
    expect([consumer.bodies, node.faults.length]).toEqual([[], 2]);
    node.clock.pass(999);
    await settled();
    expect(store.reads).toBe(2);
    node.clock.pass(1);
    await settled();

    expect(consumer.bodies).toEqual(['1']);
  });

  it('goes with the last consumer, and so do its timers', async () => {
    const { node, store, send, inMs } = setUp();
    const consumer = new Consumer(node, 0);
    await send('1', inMs(5_000));
    expect(node.clock.pending).toBe(1);

    consumer.subscription?.close();
    expect(node.clock.pending).toBe(0);
    const { reads } = store;
    const next = new Consumer(node, 1);
    await settled();

    expect(next.bodies).toEqual(['1']);
    expect(store.reads).toBeGreaterThan(reads);
  });

  it('goes when its last consumer left while the store was reading', async () => {
    const { node, store, send } = setUp();
    await send('1');
    const consumer = new Consumer(node, 0);
    consumer.subscription?.close();
    await settled();
    const { reads } = store;

    const next = new Consumer(node, 1);
    await settled();

    expect(next.bodies).toEqual(['1']);
    expect(store.reads).toBeGreaterThan(reads);
  });
});

describe('a message that waits in a queue', () => {
  it('is buried at its time though no consumer has capacity, and the others stay', async () => {
    const { node, send, inMs, queues } = setUp();
    const consumer = new Consumer(node, 0);
    await send('second', inMs(2_000));
    await send('first', inMs(1_000));
    await send('stays');

    node.clock.pass(999);
    await settled();
    expect(queues.lengths).toEqual(new Map([[QUEUE, 3]]));
    node.clock.pass(1);
    await settled();
    expect(queues.length(QUEUE)).toBe(2);
    node.clock.pass(1_000);
    await settled();

    expect(queues.lengths).toEqual(
      new Map([
        [QUEUE, 1],
        ['/queue/dlq/work', 2],
      ]),
    );
    await consumer.takes(3);
    expect(consumer.bodies).toEqual(['stays']);
  });

  it('is buried soon after wall time was set ahead past its time', async () => {
    const { node, send, inMs, queues } = setUp({ clockStepMs: 10_000 });
    const consumer = new Consumer(node, 0);
    await send('1', inMs(60_000));

    node.clock.stepWall(60_000);
    node.clock.pass(10_000);
    await settled();

    expect([queues.length(QUEUE), consumer.held]).toEqual([0, []]);
  });

  it('leaves no timer when it is delivered before its time', async () => {
    const { node, send, inMs } = setUp();
    const consumer = new Consumer(node, 0);
    await send('1', inMs(5_000));

    await consumer.takes(1);
    await consumer.settles('ack');

    expect(node.clock.pending).toBe(0);
  });

  it('comes again though its consumer settles it after leaving', async () => {
    const { node, send, queues } = setUp();
    const gone = new Consumer(node, 1);
    await send('job');
    gone.subscription?.close();

    await gone.settles('ack');

    expect(queues.length(QUEUE)).toBe(1);
    const next = new Consumer(node, 1);
    await settled();
    expect(next.bodies).toEqual(['job']);
  });

  it('is settled by nobody else than the consumer that holds it', async () => {
    const { node, send, queues } = setUp();
    const [holder, other] = [new Consumer(node, 1), new Consumer(node, 0)];
    await send('job');

    await other.settles('ack', holder.held[0]);
    expect(queues.length(QUEUE)).toBe(1);
    await holder.settles('ack');

    expect(queues.length(QUEUE)).toBe(0);
  });
});

describe('a message that is rejected', () => {
  it('is a dead letter at once, which says why and doesn’t expire', async () => {
    const { node, send, inMs, queues } = setUp({ queueDeliveries: 5 });
    const consumer = new Consumer(node, 1);
    await send('poison', inMs(60_000));

    await consumer.settles('reject');

    expect(queues.lengths).toEqual(new Map([['/queue/dlq/work', 1]]));
    const reader = new Consumer(node, 1, '/queue/dlq/work');
    await settled();
    const { headers } = reader.held[0]!;
    expect(Object.fromEntries(headers)).toMatchObject({ reason: 'rejected', 'delivery-count': '1' });
    expect(headers.has('expires')).toBe(false);
  });

  it('stays where it is when it is a dead letter already', async () => {
    const { node, send, queues } = setUp({ queueDeliveries: 1 });
    const letters = '/queue/dlq/work';
    const consumer = new Consumer(node, 1, letters);
    await send('letter', {}, letters);

    await consumer.settles('reject');
    await consumer.takes(1);

    expect(consumer.bodies).toEqual(['letter']);
    expect(queues.lengths).toEqual(new Map([[letters, 1]]));
  });
});

describe('the queues of a node', () => {
  it('have names of a bounded length, and those of their dead letters are as much longer', async () => {
    const { node, send } = setUp({ queueNameCharacters: 12 });
    const tooLong = { code: 'invalid_header' };

    await send('fits', {}, '/queue/12345');
    await send('fits', {}, '/queue/dlq/12345');
    await expect(send('not', {}, '/queue/123456')).rejects.toMatchObject(tooLong);
    await expect(send('not', {}, '/queue/dlq/123456')).rejects.toMatchObject(tooLong);
    expect(() => new Consumer(node, 1, '/queue/123456')).toThrow(expect.objectContaining(tooLong));
  });

  it('take more messages while as many hold some as may, and no new queue', async () => {
    const { send, queues } = setUp({ queues: 2 });
    await send('1', {}, '/queue/a');
    await send('1', {}, '/queue/b');

    await send('2', {}, '/queue/a');
    await expect(send('1', {}, '/queue/c')).rejects.toMatchObject({ code: 'queue_full' });

    expect([...queues.lengths]).toEqual([
      ['/queue/a', 2],
      ['/queue/b', 1],
    ]);
  });

  it('give messages names that no earlier process gave, by the time in µs', async () => {
    const { node, send } = setUp();
    await node.broker.queues.open();
    const consumer = new Consumer(node, 1);

    await send('1');

    expect(consumer.held[0]?.id).toBe(`q-${node.clock.now() * 1_000 + 1}`);
  });

  it('go on from the last name that was given where the time was set back', async () => {
    const { node, send, store } = setUp();
    const far = (node.clock.now() + 1_000_000) * 1_000;
    await store.write({
      positions: [far],
      puts: [{ queue: '/queue/other', headers: new Map(), body: Buffer.of(), deliveries: 0 }],
      removes: [],
      counts: [],
    });
    await node.broker.queues.open();
    const consumer = new Consumer(node, 1);

    await send('1');

    expect(consumer.held[0]?.id).toBe(`q-${far + 1}`);
  });
});
