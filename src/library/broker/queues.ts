import { Refusal } from '../errors.js';
import type { Limits } from '../limits.js';
import type { Clock } from './clock.js';
import type { Draft, Message } from './message.js';
import { Queue, type Held, type QueueServices } from './queue.js';
import type { QueueStore, StoredMessage } from './queue-store.js';
import { deadLetterQueueOf, isDeadLetterQueue } from './ready.js';
import type { Subscriber, Subscription } from './subscriber.js';

/** What a consumer says of a message that was delivered to it. */
export interface Settlement {
  readonly message: Pick<Message, 'id' | 'address'>;
  readonly consumer: Subscriber;
  /** Done; not done, so it comes again; never to be done, so it becomes a dead letter. */
  readonly outcome: 'ack' | 'nack' | 'reject';
}

type QueueLimits = Pick<
  Limits,
  | 'queueMessages'
  | 'queues'
  | 'storeRetryMs'
  | 'queueNameCharacters'
  | 'queueDeliveries'
  | 'queueWindowMessages'
  | 'queueWindowBytes'
  | 'clockStepMs'
>;

interface Leaving extends Held {
  readonly queue: Queue;
  readonly outcome: Settlement['outcome'];
}

/** All queues of a node. Every change is one batch of the store; memory follows when the store has answered. */
export class Queues {
  readonly #queues = new Map<string, Queue>();
  readonly #services: QueueServices;
  #lengths = new Map<string, number>();
  #lastPosition = 0;
  /** Changes that no client waits for, until they are stored. */
  readonly #unattended = new Set<Promise<void>>();
  #isClosing = false;

  /** @param onFault told of failures that no client waits for */
  constructor(
    private readonly store: QueueStore,
    private readonly clock: Clock,
    private readonly limits: QueueLimits,
    private readonly onFault: (error: unknown) => void,
  ) {
    this.#services = {
      store,
      clock,
      window: { messages: limits.queueWindowMessages, bytes: limits.queueWindowBytes },
      onExpired: (queue, messages) => this.#deadLetter(queue, messages, 'expired'),
      onReturned: (queue, messages) => this.#redeliver(queue, messages.map(counted)),
      onIdle: (queue) => this.#forgetIdle(queue),
      onFault,
      retryMs: limits.storeRetryMs,
      clockStepMs: limits.clockStepMs,
    };
  }

  /** Learns what the store holds; before this nothing may be sent or consumed. */
  async open(): Promise<void> {
    const { lengths, lastPosition } = await this.store.open();
    this.#lengths = new Map(lengths);
    // Positions name messages, so none may come again after a restart, though its message be settled and gone: they go
    // on from the time, in µs, which no queue catches up with.
    this.#lastPosition = Math.max(lastPosition, this.clock.now() * 1_000);
  }

  /** @throws {Refusal} invalid_header: no queue has a name so long */
  consume(address: string, consumer: Subscriber): Subscription {
    this.#checkName(address);
    const queue = this.#queues.get(address) ?? new Queue(address, this.#services);
    this.#queues.set(address, queue);
    const subscription = queue.consume(consumer);
    return {
      close: () => {
        subscription.close();
        this.#forgetIdle(queue);
      },
    };
  }

  /** Waits until the store knows what memory knows, once its consumers have left. A store that fails now is tried no more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(this.#unattended);
  }

  /** Messages that a queue holds: ready, delivered and not settled, or being stored. */
  length(address: string): number {
    return this.#lengths.get(address) ?? 0;
  }

  /** Of all queues that hold any. */
  get lengths(): ReadonlyMap<string, number> {
    return this.#lengths;
  }

  /**
   * Stores drafts and settles messages, all of it or nothing; resolves when that is durable.
   * Settlements of what isn't held any more are passed over: the message has gone back, and comes again.
   * @throws {Refusal} queue_full, invalid_header at once, before anything is stored
   */
  commit(drafts: readonly Draft[], settlements: readonly Settlement[]): Promise<void> {
    this.#check(drafts);
    const puts = drafts.map((draft) => this.#put(draft.address, draft));
    const leaving = settlements.flatMap((settlement) => this.#take(settlement));
    return this.#settle(puts, leaving);
  }

  async #settle(puts: readonly StoredMessage[], leaving: readonly Leaving[]): Promise<void> {
    const dead = leaving.filter((one) => this.#isDead(one));
    const gone = leaving.filter((one) => one.outcome === 'ack' || this.#isDead(one));
    const again = leaving.filter((one) => one.outcome !== 'ack' && !this.#isDead(one));
    const letters = dead.map(({ stored, outcome }) =>
      this.#letter(counted(stored), outcome === 'reject' ? 'rejected' : 'max-deliveries'),
    );
    try {
      await this.store.commit({
        puts: [...puts, ...letters],
        removes: gone.map(({ stored }) => stored.position),
        counts: again.map(({ stored }) => counted(stored)),
      });
    } catch (error) {
      [...puts, ...letters].forEach(({ queue }) => this.#count(queue, -1));
      // They were delivered, but it isn't their fault that they come again: it wears them out no further.
      byConsumer(leaving, (queue, messages, before) => this.#redeliver(queue, messages.map(seen), before));
      throw error;
    }
    this.#add([...puts, ...letters]);
    gone.forEach(({ stored }) => this.#count(stored.queue, -1));
    byConsumer(again, (queue, messages, before) => queue.putBack(messages.map(counted), before));
    leaving.forEach(({ queue }) => queue.confirmed(1));
  }

  /** Dead letters that no client asked for: out of one queue and into the other, at once. */
  #deadLetter(queue: Queue, messages: readonly StoredMessage[], reason: string): void {
    this.#insist(async () => {
      const letters = messages.map((stored) => this.#letter(stored, reason));
      const removes = messages.map(({ position }) => position);
      try {
        await this.store.commit({ puts: letters, removes, counts: [] });
      } catch (error) {
        letters.forEach(({ queue: address }) => this.#count(address, -1));
        throw error;
      }
      this.#add(letters);
      this.#count(queue.address, -messages.length);
      queue.confirmed(messages.length);
    });
  }

  /**
   * Messages that were delivered and not settled. Those that wore it out are buried, the others come again at once,
   * though the store has yet to be told: until it knows, the queue stays in memory, which alone does.
   */
  #redeliver(queue: Queue, messages: readonly StoredMessage[], before?: Subscriber): void {
    const worn = messages.filter((stored) => this.#isTooMany(stored));
    const again = messages.filter((stored) => !this.#isTooMany(stored));
    if (worn.length > 0) this.#deadLetter(queue, worn, 'max-deliveries');
    if (again.length === 0) return;
    this.#insist(async () => {
      await this.store.commit({ puts: [], removes: [], counts: again });
      queue.confirmed(again.length);
    });
    queue.putBack(again, before);
  }

  /** Changes the store though no client waits for it: tries until it is done, or the node stops. */
  #insist(change: () => Promise<void>): void {
    const working = this.#untilDone(change);
    this.#unattended.add(working);
    void working.then(() => this.#unattended.delete(working));
  }

  async #untilDone(change: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await change();
      } catch (error) {
        this.onFault(error);
      }
      if (this.#isClosing) return;
      await new Promise<void>((resolve) => this.clock.after(this.limits.storeRetryMs, resolve));
    }
  }

  /** Nothing is stored in a queue of a longer name, so there is nothing to wait for in one either. */
  #checkName(address: string): void {
    const { queueNameCharacters: most } = this.limits;
    // Dead letters of the longest name have a place.
    const spare = isDeadLetterQueue(address) ? deadLetterQueueOf('/queue/').length - '/queue/'.length : 0;
    if (address.length <= most + spare) return;
    throw new Refusal('invalid_header', `A queue's name has ${most} characters at most.`);
  }

  #check(drafts: readonly Draft[]): void {
    const coming = new Map<string, number>();
    for (const { address } of drafts) coming.set(address, (coming.get(address) ?? 0) + 1);
    for (const [address, count] of coming) {
      this.#checkName(address);
      // Refused, not dropped: what was accepted before is never given up for it.
      if (this.#heldFor(address) + count > this.limits.queueMessages)
        throw new Refusal(
          'queue_full',
          `The queue and its dead letters are ${this.limits.queueMessages} messages, its limit; consume some first.`,
        );
    }
    const fresh = [...coming.keys()].filter((address) => !this.#lengths.has(address));
    if (fresh.length > 0 && this.#lengths.size + fresh.length > this.limits.queues)
      throw new Refusal(
        'queue_full',
        `There are messages in ${this.limits.queues} queues, the limit; consume some first.`,
      );
  }

  /** Dead letters count too, or they would gather without end while the queue itself stays short. */
  #heldFor(address: string): number {
    const letters = isDeadLetterQueue(address) ? 0 : this.length(deadLetterQueueOf(address));
    return this.length(address) + letters;
  }

  #put(queue: string, { headers, body }: Pick<Draft, 'headers' | 'body'>): StoredMessage {
    this.#count(queue, 1);
    return { position: ++this.#lastPosition, queue, headers, body, deliveries: 0 };
  }

  #letter({ queue, headers, body, deliveries }: StoredMessage, reason: string): StoredMessage {
    const said = new Map([
      ...headers,
      ['original-destination', queue],
      ['delivery-count', String(deliveries)],
      ['reason', reason],
    ]);
    said.delete('expires');
    return this.#put(deadLetterQueueOf(queue), { headers: said, body });
  }

  #take({ message, outcome, consumer }: Settlement): Leaving[] {
    const queue = this.#queues.get(message.address);
    const held = queue?.take(message.id, consumer);
    return queue && held ? [{ ...held, queue, outcome }] : [];
  }

  #isDead({ stored, outcome }: Leaving): boolean {
    if (outcome === 'ack') return false;
    return this.#isTooMany(counted(stored)) || (outcome === 'reject' && !isDeadLetterQueue(stored.queue));
  }

  #isTooMany({ deliveries, queue }: StoredMessage): boolean {
    return deliveries >= this.limits.queueDeliveries && !isDeadLetterQueue(queue);
  }

  #add(puts: readonly StoredMessage[]): void {
    for (const stored of puts) this.#queues.get(stored.queue)?.add(stored);
  }

  #count(address: string, change: number): void {
    const length = this.length(address) + change;
    if (length === 0) this.#lengths.delete(address);
    else this.#lengths.set(address, length);
  }

  #forgetIdle(queue: Queue): void {
    if (!queue.isIdle || this.#queues.get(queue.address) !== queue) return;
    queue.close();
    this.#queues.delete(queue.address);
  }
}

/** Messages of one consumer in one queue come back together, so that they keep their order. */
function byConsumer(
  leaving: readonly Leaving[],
  back: (queue: Queue, messages: StoredMessage[], before?: Subscriber) => void,
): void {
  for (const queue of new Set(leaving.map((one) => one.queue))) {
    const own = leaving.filter((one) => one.queue === queue);
    back(
      queue,
      own.map(({ stored }) => stored),
      own[0]?.consumer,
    );
  }
}

function counted(stored: StoredMessage): StoredMessage {
  return { ...stored, deliveries: stored.deliveries + 1 };
}

/** At least once: it won't look as if it were new. */
function seen(stored: StoredMessage): StoredMessage {
  return stored.deliveries > 0 ? stored : counted(stored);
}
