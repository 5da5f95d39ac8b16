import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/property-runs.js';
import { limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { ExclusiveQueueStore } from './exclusive-queue-store.js';
import { MemoryQueueTable } from './memory-queue-table.js';
import type { Message } from './message.js';
import { Queues, type Settlement } from './queues.js';
import type { QueuedMessage } from './queue-store.js';
import type { QueueTable, TableChanges } from './queue-table.js';
import type { Subscriber, Subscription } from './subscriber.js';

const QUEUE = '/queue/work';
const DEAD_LETTERS = '/queue/dlq/work';
const MOST_DELIVERIES = 3;
const RETRY_MS = 1_000;

interface Asked {
  /** Told of the outcome before those who wait for it. */
  heard: (isDone: boolean) => void;
  answer(): Promise<void>;
  fail(): void;
}

/** A table that answers when it is told to. */
class SlowTable implements QueueTable {
  readonly #kept = new MemoryQueueTable();
  readonly commits: Asked[] = [];
  readonly reads: Asked[] = [];

  /** @param readsLate a page shows what is stored when it is answered, not when it is asked for */
  constructor(private readonly readsLate: boolean) {}

  contents(): ReturnType<QueueTable['contents']> {
    return this.#kept.contents();
  }

  write(changes: TableChanges): ReturnType<QueueTable['write']> {
    return ask(this.commits, () => this.#kept.write(changes));
  }

  read(...what: Parameters<QueueTable['read']>): Promise<QueuedMessage[]> {
    const early = this.#kept.read(...what);
    return ask(this.reads, () => (this.readsLate ? this.#kept.read(...what) : early));
  }
}

function ask<T>(asked: Asked[], work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const one: Asked = {
      heard: () => {},
      async answer() {
        const answer = await work();
        one.heard(true);
        resolve(answer);
      },
      fail() {
        one.heard(false);
        reject(new Error('disk full'));
      },
    };
    asked.push(one);
  });
}

/** What has to be true of one message, whatever the store does and when it does it. */
interface Known {
  state: 'on its way' | 'ready' | 'held' | 'settling' | 'gone';
  /** How often it came and wasn't acknowledged: its next delivery says so. */
  deliveries: number;
}

class Consumer implements Subscriber {
  readonly held: Message[] = [];
  subscription: Subscription | undefined;
  #onCapacity: (() => void) | undefined;

  constructor(private readonly took: (message: Message) => void) {}

  deliver(message: Message): void {
    this.took(message);
    this.held.push(message);
  }
  hasCapacity(): boolean {
    return this.held.length < 2;
  }
  onCapacity(callback: () => void): void {
    this.#onCapacity = callback;
  }
  take(at: number): Message | undefined {
    return this.held.splice(at % Math.max(this.held.length, 1), 1)[0];
  }
  capacityFreed(): void {
    const callback = this.#onCapacity;
    this.#onCapacity = undefined;
    callback?.();
  }
}

/** A node on a slow store, and what its clients know. */
class Model {
  readonly clock = new FakeClock();
  readonly messages = new Map<string, Known>();
  readonly consumers: Consumer[] = [];
  readonly node: Queues;
  /** What a delivery should have said, and said. */
  readonly wrong: unknown[] = [];
  /** The position of the last message that was delivered for the first time. */
  #lastNew = 0;

  constructor(readonly store: SlowTable) {
    const small = { queueWindowMessages: 2, queueDeliveries: MOST_DELIVERIES, storeRetryMs: RETRY_MS };
    const exclusive = new ExclusiveQueueStore(store, this.clock);
    this.node = new Queues(exclusive, this.clock, { ...limits, ...small }, () => {});
  }

  send(): void {
    const body = String(this.messages.size);
    const known: Known = { state: 'on its way', deliveries: 0 };
    this.messages.set(body, known);
    const stored = this.node.commit([{ address: QUEUE, headers: new Map(), body: Buffer.from(body) }], []);
    this.#onOutcome(stored, (isDone) => (known.state = isDone ? 'ready' : 'gone'));
  }

  join(): void {
    const consumer = new Consumer((message) => this.#delivered(message));
    this.consumers.push(consumer);
    consumer.subscription = this.node.consume(QUEUE, consumer);
  }

  leave(consumer: Consumer): void {
    this.consumers.splice(this.consumers.indexOf(consumer), 1);
    for (const message of consumer.held) this.#comesAgain(this.#known(message));
    consumer.subscription?.close();
  }

  settle(consumer: Consumer, at: number, outcome: Settlement['outcome']): void {
    const message = consumer.take(at);
    if (!message) return;
    const known = this.#known(message);
    known.state = 'settling';
    this.#onOutcome(this.node.commit([], [{ message, outcome, consumer }]), (isDone) => {
      if (!isDone) Object.assign(known, { state: 'ready', deliveries: Math.max(known.deliveries, 1) });
      else if (outcome === 'ack') known.state = 'gone';
      else this.#comesAgain(known);
    });
    consumer.capacityFreed();
  }

  /** All that is under way is done, and all who hold a message give it back. */
  async settleDown(): Promise<void> {
    for (const consumer of [...this.consumers]) this.leave(consumer);
    const { commits, reads } = this.store;
    for (let round = 0; round < 10; round++) {
      while (commits.length + reads.length > 0) {
        await (commits.shift() ?? reads.shift())?.answer();
        await quiet();
      }
      this.clock.pass(RETRY_MS);
      await quiet();
    }
  }

  #delivered(message: Message): void {
    const known = this.#known(message);
    const { redelivered, 'delivery-count': count } = Object.fromEntries(message.headers);
    const said = redelivered === 'true' ? Number(count) : 0;
    if (known.state !== 'ready' || said !== known.deliveries || said >= MOST_DELIVERIES)
      this.wrong.push({ said, ...known });
    const position = Number(message.id.slice('q-'.length));
    if (said === 0 && position < this.#lastNew) this.wrong.push(`${position} after ${this.#lastNew}`);
    if (said === 0) this.#lastNew = position;
    known.state = 'held';
  }

  #comesAgain(known: Known): void {
    known.state = 'ready';
    known.deliveries++;
  }

  #onOutcome(work: Promise<void>, heard: (isDone: boolean) => void): void {
    const asked = this.store.commits.at(-1);
    if (asked) asked.heard = heard;
    // Failures are the client's to hear of.
    work.catch(() => {});
  }

  #known(message: Message): Known {
    return this.messages.get(textOf(message)) ?? expect.fail('a message that nobody sent');
  }
}

interface Step {
  readonly does: 'send' | 'join' | 'leave' | 'ack' | 'nack' | 'answer' | 'fail' | 'page' | 'no page' | 'wait';
  readonly which: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom(
    // Pages come soon, commits late, so that there is mostly something to lose.
    ...(['send', 'join', 'join', 'leave', 'leave', 'ack', 'nack'] as const),
    ...(['answer', 'answer', 'fail', 'page', 'page', 'page', 'page', 'no page', 'wait'] as const),
  ),
  which: fc.nat(3),
});

describe('what a queue knows of its messages outlives its memory', () => {
  it('in any order of send, ack, nack, loss, new consumer, and of a slow and failing store', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 20, maxLength: 80 }),
        fc.boolean(),
        async (steps, readsLate) => {
          const model = new Model(new SlowTable(readsLate));
          const { store, consumers } = model;
          await model.node.open();

          for (const { does, which } of steps) {
            const consumer = consumers[which % Math.max(consumers.length, 1)];
            if (does === 'send') model.send();
            else if (does === 'join') model.join();
            else if (does === 'answer') await store.commits.shift()?.answer();
            else if (does === 'fail') store.commits.shift()?.fail();
            else if (does === 'page') await store.reads.shift()?.answer();
            else if (does === 'no page') store.reads.shift()?.fail();
            else if (does === 'wait') model.clock.pass(RETRY_MS);
            else if (does === 'leave' && consumer) model.leave(consumer);
            else if (consumer && does !== 'leave') model.settle(consumer, which, does);
            await quiet();
          }
          await model.settleDown();
          expect(model.wrong).toEqual([]);

          const left = await stored(store, QUEUE);
          const dead = await stored(store, DEAD_LETTERS);
          const expected = [...model.messages].filter(([, { state }]) => state !== 'gone');
          const again = expected.filter(([, { deliveries }]) => deliveries < MOST_DELIVERIES);
          const worn = expected.filter(([, { deliveries }]) => deliveries >= MOST_DELIVERIES);
          expect(left.map(({ body, deliveries }) => [text(body), deliveries])).toEqual(
            again.map(([body, { deliveries }]) => [body, deliveries]),
          );
          expect(dead.map(({ body }) => text(body)).toSorted()).toEqual(
            worn.map(([body]) => body).toSorted(),
          );
          expect([model.node.length(QUEUE), model.node.length(DEAD_LETTERS)]).toEqual([
            left.length,
            dead.length,
          ]);
        },
      ),
      runs(500),
    );
  });

  it('though its last consumer is followed by the next before the store has the count', async () => {
    const model = new Model(new SlowTable(false));
    await model.node.open();
    model.join();
    model.send();
    await answerAll(model.store);

    for (let deliveries = 1; deliveries < MOST_DELIVERIES; deliveries++) {
      model.consumers.forEach((consumer) => model.leave(consumer));
      model.join();
      while (model.store.reads.length > 0) await model.store.reads.shift()?.answer();
      await quiet();
      const [message] = model.consumers[0]?.held ?? [];
      expect(message?.headers.get('delivery-count')).toBe(String(deliveries));
    }
  });

  it('though the node stops: it waits until the store has the counts', async () => {
    const model = new Model(new SlowTable(false));
    await model.node.open();
    model.join();
    model.send();
    await answerAll(model.store);
    model.consumers.forEach((consumer) => model.leave(consumer));

    const closed = model.node.close();
    await answerAll(model.store);
    await closed;

    expect((await stored(model.store, QUEUE)).map(({ deliveries }) => deliveries)).toEqual([1]);
  });

  it('but a store that fails holds up no stop', async () => {
    const model = new Model(new SlowTable(false));
    await model.node.open();
    model.join();
    model.send();
    await answerAll(model.store);
    model.consumers.forEach((consumer) => model.leave(consumer));

    const closed = model.node.close();
    model.store.commits.shift()?.fail();

    await closed;
  });
});

async function answerAll({ commits, reads }: SlowTable): Promise<void> {
  while (commits.length + reads.length > 0) {
    await (commits.shift() ?? reads.shift())?.answer();
    await quiet();
  }
}

async function stored(store: SlowTable, queue: string): Promise<QueuedMessage[]> {
  const page = store.read(queue, 0, 1_000, 1_000_000);
  await store.reads.pop()?.answer();
  return page;
}

/** What the store has answered has had its effect: that takes microtasks only. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function textOf({ body }: Message): string {
  return text(body);
}

function text(body: Uint8Array): string {
  return Buffer.from(body).toString();
}
