import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/property-runs.js';
import { limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { ExclusiveQueueStore } from './exclusive-queue-store.js';
import { MemoryQueueTable } from './memory-queue-table.js';
import type { Message } from './message.js';
import { Queues } from './queues.js';
import type { Subscriber, Subscription } from './subscriber.js';

const QUEUE = '/queue/work';

class Consumer implements Subscriber {
  readonly held: Message[] = [];
  #onCapacity: (() => void) | undefined;
  constructor(private readonly prefetch: number) {}
  deliver(message: Message): void {
    this.held.push(message);
  }
  hasCapacity(): boolean {
    return this.held.length < this.prefetch;
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

interface Step {
  readonly does: 'send' | 'join' | 'restart' | 'ack' | 'nack' | 'leave';
  readonly consumer: number;
  readonly message: number;
  /** The next step comes before the store has answered this one. */
  readonly hurries: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom('send', 'send', 'send', 'join', 'ack', 'ack', 'nack', 'leave', 'restart'),
  consumer: fc.nat(5),
  message: fc.nat(5),
  hurries: fc.boolean(),
});

describe('queues, under any order of send, ack, nack, loss of consumer and restart', () => {
  it('settle each message once or still have it, and give none to two consumers at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, window) => {
          const table = new MemoryQueueTable();
          const sent = new Set<string>();
          const settled: string[] = [];
          let node = await start(table, window);
          let consumers: { consumer: Consumer; subscription: Subscription }[] = [];

          for (const { does, consumer: which, message: at, hurries } of steps) {
            const chosen = consumers[which % Math.max(consumers.length, 1)];
            if (does === 'send') {
              const body = String(sent.size);
              sent.add(body);
              void node.commit([{ address: QUEUE, headers: new Map(), body: Buffer.from(body) }], []);
            } else if (does === 'join') {
              const consumer = new Consumer(2);
              consumers.push({ consumer, subscription: node.consume(QUEUE, consumer) });
            } else if (does === 'restart') {
              await quiet();
              consumers = [];
              node = await start(table, window);
            } else if (does === 'leave') {
              chosen?.subscription.close();
              consumers = consumers.filter((one) => one !== chosen);
            } else {
              const message = chosen?.consumer.take(at);
              if (!chosen || !message) continue;
              if (does === 'ack') settled.push(textOf(message));
              void node.commit([], [{ message, outcome: does, consumer: chosen.consumer }]);
              chosen.consumer.capacityFreed();
            }
            if (!hurries) await quiet();
            const inHand = consumers.flatMap(({ consumer }) => consumer.held.map(textOf));
            expect(new Set(inHand).size).toBe(inHand.length);
            expect(inHand.filter((body) => settled.includes(body))).toEqual([]);
          }
          await quiet();

          const left = await drain(table, window);
          expect([...settled, ...left].toSorted()).toEqual([...sent].toSorted());
        },
      ),
      runs(400),
    );
  });
});

async function start(table: MemoryQueueTable, window: number): Promise<Queues> {
  const windowed = { ...limits, queueWindowMessages: window, queueDeliveries: 1_000 };
  const clock = new FakeClock();
  const store = new ExclusiveQueueStore(table, clock);
  const queues = new Queues(store, clock, windowed, (error) => expect.fail(String(error)));
  await queues.open();
  return queues;
}

/** What a new process finds, in the order in which it hands it out. */
async function drain(table: MemoryQueueTable, window: number): Promise<string[]> {
  const queues = await start(table, window);
  const consumer = new Consumer(Infinity);
  const length = queues.length(QUEUE);
  queues.consume(QUEUE, consumer);
  while (consumer.held.length < length) await quiet();
  const ids = consumer.held.map(({ id }) => Number(id.slice(2)));
  expect(ids).toEqual([...ids].toSorted((a, b) => a - b));
  return consumer.held.map(textOf);
}

/** All that the memory store has promised is done: it answers within microtasks. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function textOf({ body }: Message): string {
  return Buffer.from(body).toString();
}

describe('a message of whose commit nobody heard', () => {
  it('is delivered all the same, once', async () => {
    const table = new MemoryQueueTable();
    const node = await start(table, 4);
    const consumer = new Consumer(4);
    node.consume(QUEUE, consumer);
    await quiet();
    const write = table.write.bind(table);
    table.write = async (changes) => {
      table.write = write;
      await write(changes);
      throw new Error('cut');
    };
    const send = (body: string) =>
      node.commit([{ address: QUEUE, headers: new Map(), body: Buffer.from(body) }], []);

    await expect(send('a')).rejects.toThrow('cut');
    await send('b');
    await quiet();

    expect(consumer.held.map(({ body }) => Buffer.from(body).toString()).toSorted()).toEqual(['a', 'b']);
  });
});
