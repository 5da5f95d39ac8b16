import { setImmediate as settled } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/property-runs.js';
import { limits, type Limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import type { Message } from './message.js';
import type { QueueBatch, QueueStore, QueuedMessage } from './queue-store.js';
import { Queues, type Settlement } from './queues.js';
import type { Subscriber, Subscription } from './subscriber.js';

const QUEUE = '/queue/work';
const DEAD_LETTERS = '/queue/dlq/work';

/** What the nodes share. */
class Rows {
  readonly all = new Map<number, { stored: QueuedMessage; owner: string | undefined }>();
  readonly stores: SharedStore[] = [];
  lastPosition = 0;

  owners(queue = QUEUE): (string | undefined)[] {
    return [...this.all.values()].filter(({ stored }) => stored.queue === queue).map(({ owner }) => owner);
  }
}

/** One node's store on them; the others hear at once of what is free. */
class SharedStore implements QueueStore {
  readonly isShared = true;
  isSureNow = true;
  #lives = 0;
  #onReady: (queue: string) => void = () => {};
  #onLost: () => void = () => {};

  constructor(
    private readonly rows: Rows,
    private readonly name: string,
  ) {
    rows.stores.push(this);
  }

  get id(): string {
    return `${this.name}${this.#lives}`;
  }

  isSure(): boolean {
    return this.isSureNow;
  }

  async commit({ puts, removes, counts, frees }: QueueBatch): Promise<readonly number[]> {
    const positions = puts.map(({ mine, queue, headers, body, deliveries }) => {
      const position = ++this.rows.lastPosition;
      const stored = { position, queue, headers, body, deliveries };
      this.rows.all.set(position, { stored, owner: mine ? this.id : undefined });
      if (!mine) this.#tellOthers(queue);
      return position;
    });
    for (const { position, deliveries } of counts) {
      const row = this.#own(position);
      if (row) row.stored = { ...row.stored, deliveries: Math.max(deliveries, row.stored.deliveries) };
    }
    for (const position of removes) if (this.#own(position)) this.rows.all.delete(position);
    for (const position of frees) this.#free(this.#own(position));
    return positions;
  }

  async claim(queue: string, limit: number): Promise<QueuedMessage[]> {
    const free = [...this.rows.all.values()].filter((row) => !row.owner && row.stored.queue === queue);
    const page = free.toSorted((a, b) => a.stored.position - b.stored.position).slice(0, limit);
    page.forEach((row) => (row.owner = this.id));
    const { id } = this;
    await settled();
    return id === this.id ? page.map(({ stored }) => stored) : [];
  }

  async release(_queue: string, positions: readonly number[]): Promise<void> {
    positions.forEach((position) => this.#free(this.#own(position)));
  }

  async lengths(): Promise<ReadonlyMap<string, number>> {
    const lengths = new Map<string, number>();
    for (const { stored } of this.rows.all.values())
      lengths.set(stored.queue, (lengths.get(stored.queue) ?? 0) + 1);
    return lengths;
  }

  onReady(listener: (queue: string) => void): void {
    this.#onReady = listener;
  }

  onLost(listener: () => void): void {
    this.#onLost = listener;
  }

  async close(): Promise<void> {}

  /** It is taken for dead: others have what it held, and it begins again. */
  die(): void {
    const { id } = this;
    this.#lives++;
    this.#onLost();
    for (const row of this.rows.all.values()) {
      if (row.owner !== id) continue;
      row.stored = { ...row.stored, deliveries: row.stored.deliveries + 1 };
      this.#free(row);
      this.#onReady(row.stored.queue);
    }
  }

  #own(position: number) {
    const row = this.rows.all.get(position);
    return row?.owner === this.id ? row : undefined;
  }

  #free(row: { stored: QueuedMessage; owner: string | undefined } | undefined): void {
    if (!row) return;
    row.owner = undefined;
    this.#tellOthers(row.stored.queue);
  }

  #tellOthers(queue: string): void {
    for (const store of this.rows.stores) if (store !== this) store.#onReady(queue);
  }
}

/** Takes as many as it was told to, and keeps them until they are settled. */
class Consumer implements Subscriber {
  readonly held: Message[] = [];
  readonly subscription: Subscription;
  #onCapacity: (() => void) | undefined;

  constructor(
    private readonly node: Queues,
    private readonly prefetch: number,
    private readonly took: (message: Message) => void = () => {},
    queue = QUEUE,
  ) {
    this.subscription = node.consume(queue, this);
  }

  get bodies(): string[] {
    return this.held.map(({ body }) => Buffer.from(body).toString());
  }

  deliver(message: Message): void {
    this.took(message);
    this.held.push(message);
  }

  hasCapacity(): boolean {
    return this.held.length < this.prefetch;
  }

  onCapacity(callback: () => void): void {
    this.#onCapacity = callback;
  }

  async settle(outcome: Settlement['outcome'], at = 0): Promise<void> {
    const [message] = this.held.splice(at, 1);
    if (!message) return;
    await this.node.commit([], [{ message, consumer: this, outcome }]);
    const callback = this.#onCapacity;
    this.#onCapacity = undefined;
    callback?.();
    await quiet();
  }
}

async function setUp(given: Partial<Limits> = {}) {
  const clock = new FakeClock();
  const rows = new Rows();
  const start = async (name: string) => {
    const store = new SharedStore(rows, name);
    const node = new Queues(store, clock, { ...limits, ...given }, (error) => expect.fail(String(error)));
    await node.open();
    return { store, node };
  };
  const [here, there] = [await start('here'), await start('there')];
  const send = async (body: string, { node } = here): Promise<void> => {
    await node.commit([{ address: QUEUE, headers: new Map(), body: Buffer.from(body) }], []);
    await quiet();
  };
  const pass = async (ms: number): Promise<void> => {
    clock.pass(ms);
    await quiet();
  };
  return { rows, here, there, send, pass };
}

describe('a queue that several nodes consume', () => {
  it('keeps what is put for a consumer with room here, and leaves the rest to all', async () => {
    const { rows, here, send } = await setUp();
    const consumer = new Consumer(here.node, 1);
    await quiet();

    await send('1');
    await send('2');

    expect(consumer.bodies).toEqual(['1']);
    expect(rows.owners()).toEqual([here.store.id, undefined]);
  });

  it.each([
    [2, 3, 2],
    [5, 3, 3],
  ])('claims %i for a consumer with room, %i at most', async (perConsumer, most, claimed) => {
    const { rows, here, send } = await setUp({ queueClaimPerConsumer: perConsumer, queueClaim: most });
    for (const body of ['1', '2', '3', '4', '5', '6', '7']) await send(body);

    let taken = 0;
    here.node.consume(QUEUE, {
      deliver: () => void (taken += 1),
      hasCapacity: () => taken === 0,
      onCapacity: () => {},
    });
    await quiet();

    expect(rows.owners().filter(Boolean)).toHaveLength(claimed);
  });

  it('goes on for a consumer that had no room when the last claim was handed out', async () => {
    const { here, send } = await setUp({ queueClaimPerConsumer: 1 });
    for (const body of ['1', '2']) await send(body);
    const taken: string[] = [];
    let goOn = (): void => {};
    let hasRoom = true;
    here.node.consume(QUEUE, {
      deliver: ({ body }) => {
        taken.push(Buffer.from(body).toString());
        hasRoom = false;
      },
      hasCapacity: () => hasRoom,
      onCapacity: (callback) => (goOn = callback),
    });
    await quiet();

    hasRoom = true;
    goOn();
    await quiet();

    expect(taken).toEqual(['1', '2']);
  });

  it('gives back what nobody here took for a while, to whoever takes it', async () => {
    const { here, there, send, pass } = await setUp({ queueHoldMs: 2_000 });
    for (const body of ['1', '2', '3']) await send(body);
    const slow = new Consumer(here.node, 1);
    await quiet();
    const other = new Consumer(there.node, 10);
    await quiet();

    await pass(1_999);
    expect([slow.bodies, other.bodies]).toEqual([['1'], []]);
    await pass(1);

    expect([slow.bodies, other.bodies]).toEqual([['1'], ['2', '3']]);
  });

  it('goes to another node when the only consumer of one refuses it', async () => {
    const { here, there, send } = await setUp();
    const [unwilling, willing] = [new Consumer(here.node, 1), new Consumer(there.node, 1)];
    await quiet();
    await send('1');
    expect(unwilling.bodies).toEqual(['1']);

    await unwilling.settle('nack');

    expect([unwilling.bodies, willing.bodies]).toEqual([[], ['1']]);
    expect(willing.held[0]?.headers.get('delivery-count')).toBe('1');
  });

  it('comes back after a pause to the consumer that refused it, where no other wants it', async () => {
    const { here, send, pass } = await setUp({ queuePauseMs: 100 });
    const consumer = new Consumer(here.node, 1);
    await quiet();
    await send('1');
    await consumer.settle('nack');

    await pass(99);
    expect(consumer.bodies).toEqual([]);
    await pass(1);

    expect(consumer.bodies).toEqual(['1']);
  });

  it('goes to another node when the last consumer here leaves, with its count', async () => {
    const { rows, here, there, send } = await setUp();
    const leaving = new Consumer(here.node, 1);
    await quiet();
    await send('held');
    await send('free');
    leaving.subscription.close();
    await quiet();
    expect(rows.owners()).toEqual([undefined, undefined]);

    const heir = new Consumer(there.node, 2);
    await quiet();

    expect(heir.held.map(({ headers }) => headers.get('redelivered'))).toEqual(['true', undefined]);
  });

  it('is forgotten by a node that was taken for dead: what it held is others’', async () => {
    const { rows, here, there, send } = await setUp();
    for (const body of ['1', '2', '3']) await send(body);
    const slow = new Consumer(here.node, 1);
    await quiet();
    const heir = new Consumer(there.node, 10);
    await quiet();

    here.store.die();
    await quiet();
    await slow.settle('ack');

    expect([slow.bodies, heir.bodies]).toEqual([[], ['1', '2', '3']]);
    expect(rows.owners()).toHaveLength(3);
  });

  it('is handed out by nobody who can’t be sure that it is theirs', async () => {
    const { here, send, pass } = await setUp({ queuePauseMs: 100 });
    const consumer = new Consumer(here.node, 1);
    await quiet();
    await send('1');
    await send('2');
    here.store.isSureNow = false;

    await consumer.settle('ack');
    await pass(1_000);
    expect(consumer.bodies).toEqual([]);
    here.store.isSureNow = true;
    await pass(100);

    expect(consumer.bodies).toEqual(['2']);
  });

  it('is buried where it comes back too often, though no consumer refused it', async () => {
    const { rows, here, send } = await setUp({ queueDeliveries: 2 });
    const consumer = new Consumer(here.node, 3);
    await quiet();
    await send('kills its node');

    here.store.die();
    await quiet();
    expect(consumer.bodies).toEqual(['kills its node', 'kills its node']);
    here.store.die();
    await quiet();

    expect([rows.owners(), rows.owners(DEAD_LETTERS)]).toEqual([[], [undefined]]);
  });

  it('is as long as the store counts, since others put and settle too', async () => {
    const { here, there, send, pass } = await setUp({ queueCountMs: 10_000, queueMessages: 2 });
    await send('1', there);
    await send('2', there);
    expect(here.node.length(QUEUE)).toBe(0);

    await pass(10_000);

    expect(here.node.length(QUEUE)).toBe(2);
    await expect(async () => send('3', here)).rejects.toMatchObject({ code: 'queue_full' });
  });
});

interface Step {
  readonly does: 'send' | 'join' | 'leave' | 'ack' | 'nack' | 'die' | 'wait';
  readonly which: number;
  readonly hurries: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom('send', 'send', 'send', 'join', 'leave', 'ack', 'ack', 'nack', 'die', 'wait'),
  which: fc.nat(7),
  hurries: fc.boolean(),
});

describe('two nodes, in any order of send, ack, nack, loss of consumers and of nodes', () => {
  it('deliver each message, and none twice without saying so', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60 }), async (steps) => {
        const { rows, here, there, pass } = await setUp({ queueDeliveries: 1_000, queueClaimPerConsumer: 2 });
        const nodes = [here, there];
        const sent: string[] = [];
        const seen = new Set<string>();
        const wrong: string[] = [];
        let consumers: Consumer[] = [];
        const took = (message: Message): void => {
          const body = Buffer.from(message.body).toString();
          if (seen.has(body) && !message.headers.has('redelivered')) wrong.push(body);
          seen.add(body);
        };
        const join = (node: number): void => {
          consumers.push(new Consumer(nodes[node % 2]?.node ?? here.node, 2, took));
        };

        for (const { does, which, hurries } of steps) {
          const { node, store } = nodes[which % 2] ?? here;
          const consumer = consumers[which % Math.max(consumers.length, 1)];
          if (does === 'send') {
            const body = String(sent.length);
            sent.push(body);
            void node.commit([{ address: QUEUE, headers: new Map(), body: Buffer.from(body) }], []);
          } else if (does === 'join') join(which);
          else if (does === 'die') store.die();
          else if (does === 'wait') await pass(2_500);
          else if (consumer && does === 'leave') {
            consumer.subscription.close();
            consumers = consumers.filter((one) => one !== consumer);
          } else if (consumer && does !== 'leave') void consumer.settle(does);
          if (!hurries) await quiet();
        }
        await quiet();

        // All that is left comes to somebody who takes all.
        consumers.forEach(({ subscription }) => subscription.close());
        consumers = [];
        join(0);
        for (let round = 0; rows.owners().length > 0 && round < 200; round++) {
          for (const consumer of consumers) await consumer.settle('ack');
          await pass(100);
        }
        expect(rows.owners()).toEqual([]);
        expect(wrong).toEqual([]);
        expect([...seen].toSorted()).toEqual(sent.toSorted());
      }),
      runs(500),
    );
  });
});

/** Nobody is at work any more: the stores answer within a turn of the loop or two. */
async function quiet(): Promise<void> {
  for (let i = 0; i < 6; i++) await settled();
}
