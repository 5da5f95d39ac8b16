import { Refusal } from '../errors.js';
import type { Limits } from '../limits.js';
import type { Clock, Timer } from './clock.js';
import type { Draft, Message } from './message.js';
import { Queue, type Held, type QueueServices } from './queue.js';
import type { QueueBatch, QueueDraft, QueueStore, Readiness, QueuedMessage } from './queue-store.js';
import { deadLetterQueueOf, isDeadLetterQueue } from './ready.js';
import type { Subscriber, Subscription } from './subscriber.js';

/** What a consumer says of a message that was delivered to it. */
export interface Settlement {
  readonly message: Pick<Message, 'id' | 'address'>;
  readonly consumer: Subscriber;
  /** Done; not done, so it comes again; never to be done, so it becomes a dead letter. */
  readonly outcome: 'ack' | 'nack' | 'reject';
}

type QueueLimits = QueueServices['limits'] &
  Pick<Limits, 'queueMessages' | 'queues' | 'queueNameCharacters' | 'queueDeliveries' | 'queueCountMs'>;

type Put = QueueBatch['puts'][number];

interface Leaving extends Held {
  readonly queue: Queue;
  readonly outcome: Settlement['outcome'];
}

/** All queues of a node. Every change is one batch of the store; memory follows when the store has answered. */
export class Queues {
  readonly #queues = new Map<string, Queue>();
  readonly #services: QueueServices;
  #lengths = new Map<string, number>();
  /** Changes of the lengths while the store counts: it may not have seen them. */
  #sinceCount: Map<string, number> | undefined;
  #nextCount: Timer | undefined;
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
      limits,
      waiting: { bytes: 0 },
      onExpired: (queue, messages) => this.#deadLetter(queue, messages, 'expired'),
      onReturned: (queue, messages) => this.#redeliver(queue, messages.map(counted)),
      isWorn: (stored) => this.#isTooMany(stored),
      onWorn: (queue, messages) => this.#deadLetter(queue, messages, 'max-deliveries'),
      onReleased: (queue, messages) => this.#release(queue, messages),
      onIdle: (queue) => this.#forgetIdle(queue),
      onFault,
    };
    store.onReady((address) => this.#queues.get(address)?.grew());
    store.onLost(() => this.#startAnew());
  }

  /** Learns what the store holds; before this nothing may be sent or consumed. */
  async open(): Promise<void> {
    this.#lengths = new Map(await this.store.lengths());
    if (this.store.isShared) this.#countLater();
  }

  /** Whether other nodes put and consume in the same queues. */
  get areShared(): boolean {
    return this.store.isShared;
  }

  /** Another node has messages in a queue, for the node that claims them first. */
  announced(queue: string, ready: Readiness): void {
    this.store.heard?.(queue, ready);
  }

  /** @throws {Refusal} invalid_header: no queue has a name so long */
  consume(address: string, consumer: Subscriber): Subscription {
    this.checkName(address);
    const queue = this.#queues.get(address) ?? new Queue(address, this.#services);
    this.#queues.set(address, queue);
    queue.consume(consumer);
    return { close: () => this.#leave(address, consumer) };
  }

  /** Waits until the store knows what memory knows, once its consumers have left, and closes it. A store that fails now is tried no more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#nextCount?.cancel();
    await Promise.all(this.#unattended);
    await this.store.close();
  }

  /** Nothing is stored in a queue of a longer name, so there is nothing to wait for in one either. @throws {Refusal} invalid_header */
  checkName(address: string): void {
    const { queueNameCharacters: most } = this.limits;
    // Dead letters of the longest name have a place.
    const spare = isDeadLetterQueue(address) ? deadLetterQueueOf('/queue/').length - '/queue/'.length : 0;
    if (address.length <= most + spare) return;
    throw new Refusal('invalid_header', `A queue's name has ${most} characters at most.`);
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
    const puts = drafts.map(({ address, headers, body }) =>
      this.#put({ queue: address, headers, body, deliveries: 0 }),
    );
    // Most have none, and thousands of them wait at once.
    if (settlements.length === 0) return this.#store({ puts, removes: [], counts: [], frees: [] });
    const leaving = settlements.flatMap((settlement) => this.#take(settlement));
    return this.#settle(puts, leaving);
  }

  async #settle(puts: readonly Put[], leaving: readonly Leaving[]): Promise<void> {
    const dead = leaving.filter((one) => this.#isDead(one));
    const gone = leaving.filter((one) => one.outcome === 'ack' || this.#isDead(one));
    const refused = leaving.filter((one) => one.outcome !== 'ack' && !this.#isDead(one));
    const isFree = ({ queue, consumer }: Leaving): boolean => this.#isForOthers(queue, consumer);
    const free = refused.filter(isFree);
    const again = refused.filter((one) => !isFree(one));
    const letters = dead.map(({ stored, outcome }) =>
      this.#letter(counted(stored), outcome === 'reject' ? 'rejected' : 'max-deliveries'),
    );
    try {
      await this.#store({
        puts: [...puts, ...letters],
        removes: gone.map(({ stored }) => stored.position),
        counts: refused.map(({ stored }) => counted(stored)),
        frees: free.map(({ stored }) => stored.position),
      });
    } catch (error) {
      // They were delivered, but it isn't their fault that they come again: it wears them out no further.
      byConsumer(leaving, (queue, messages, before) => this.#redeliver(queue, messages.map(seen), before));
      throw error;
    }
    gone.forEach(({ stored }) => this.#count(stored.queue, -1));
    byConsumer(again, (queue, messages, before) => queue.putBack(messages.map(counted), before));
    free.forEach(({ queue }) => queue.freed());
    leaving.forEach(({ queue }) => queue.confirmed(1));
  }

  /** Commits a batch whose puts are counted, and tells their queues how it went. */
  async #store(batch: QueueBatch): Promise<void> {
    // Those that expect them: an address may have another queue by the time that they are stored.
    const expecting = batch.puts.some(({ mine }) => mine)
      ? batch.puts.map(({ mine, queue }) => (mine ? this.#queues.get(queue) : undefined))
      : noQueues;
    let positions: readonly (number | undefined)[];
    try {
      positions = await this.store.commit(batch);
    } catch (error) {
      batch.puts.forEach(({ queue }, i) => {
        this.#count(queue, -1);
        expecting[i]?.failed();
        // Where nobody knows what became of its commit, it may be stored.
        this.#queues.get(queue)?.grew();
      });
      throw error;
    }
    batch.puts.forEach(({ queue, headers, body, deliveries }, i) => {
      const position = positions[i];
      const owner = expecting[i];
      if (owner && position !== undefined)
        return owner.arrived({ position, queue, headers, body, deliveries });
      owner?.failed();
      this.#queues.get(queue)?.grew();
    });
  }

  /** Dead letters that no client asked for: out of one queue and into the other, at once. */
  #deadLetter(queue: Queue, messages: readonly QueuedMessage[], reason: string): void {
    this.#insist(async () => {
      const puts = messages.map((stored) => this.#letter(stored, reason));
      await this.#store({ ...nothing, puts, removes: positionsOf(messages) });
      this.#count(queue.address, -messages.length);
      queue.confirmed(messages.length);
    });
  }

  /**
   * Messages that were delivered and not settled. Those that wore it out are buried, the others come again at once,
   * though the store has yet to be told: until it knows, the queue stays in memory, which alone does.
   */
  #redeliver(queue: Queue, messages: readonly QueuedMessage[], before?: Subscriber): void {
    const worn = messages.filter((stored) => this.#isTooMany(stored));
    const again = messages.filter((stored) => !this.#isTooMany(stored));
    if (worn.length > 0) this.#deadLetter(queue, worn, 'max-deliveries');
    if (again.length === 0) return;
    const isForOthers = this.#isForOthers(queue);
    const frees = isForOthers ? positionsOf(again) : [];
    this.#insist(async () => {
      await this.store.commit({ ...nothing, counts: again, frees });
      if (isForOthers) this.#queues.get(queue.address)?.grew();
      queue.confirmed(again.length);
    });
    if (!isForOthers) queue.putBack(again, before);
  }

  /** Whether messages that come again go to other nodes, since nobody else is here to take them. */
  #isForOthers(queue: Queue, before?: Subscriber): boolean {
    return this.store.isShared && !queue.hasConsumer(before);
  }

  #release(queue: Queue, messages: readonly QueuedMessage[]): void {
    const fresh = messages.filter(({ deliveries }) => deliveries === 0);
    // The store may have yet to hear of these counts, and hears nothing of what is free.
    const counts = messages.filter(({ deliveries }) => deliveries > 0);
    this.#insist(async () => {
      await this.store.release(queue.address, positionsOf(fresh));
      if (counts.length > 0) await this.store.commit({ ...nothing, counts, frees: positionsOf(counts) });
      queue.released();
      this.#queues.get(queue.address)?.grew();
    });
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

  #check(drafts: readonly Draft[]): void {
    const coming = new Map<string, number>();
    for (const { address } of drafts) coming.set(address, (coming.get(address) ?? 0) + 1);
    for (const [address, count] of coming) {
      this.checkName(address);
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

  #put({ queue, headers, body, deliveries }: QueueDraft): Put {
    this.#count(queue, 1);
    const mine = this.#queues.get(queue)?.expects() ?? false;
    return { queue, headers, body, deliveries, mine };
  }

  #letter({ position, queue, headers, body, deliveries }: QueuedMessage, reason: string): Put {
    const said = new Map([
      ...headers,
      ['original-destination', queue],
      ['delivery-count', String(deliveries)],
      ['reason', reason],
    ]);
    said.delete('expires');
    const letter = this.#put({ queue: deadLetterQueueOf(queue), headers: said, body, deliveries: 0 });
    return { ...letter, insteadOf: position };
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

  #isTooMany({ deliveries, queue }: QueuedMessage): boolean {
    return deliveries >= this.limits.queueDeliveries && !isDeadLetterQueue(queue);
  }

  #count(address: string, change: number): void {
    addTo(this.#lengths, address, change);
    this.#sinceCount?.set(address, (this.#sinceCount.get(address) ?? 0) + change);
  }

  #countLater(): void {
    this.#nextCount = this.clock.after(this.limits.queueCountMs, () => void this.#countAnew());
  }

  /** Other nodes put and settle too. */
  async #countAnew(): Promise<void> {
    this.#sinceCount = new Map();
    try {
      const lengths = new Map(await this.store.lengths());
      this.#sinceCount.forEach((change, address) => addTo(lengths, address, change));
      this.#lengths = lengths;
    } catch (error) {
      this.onFault(error);
    }
    this.#sinceCount = undefined;
    if (!this.#isClosing) this.#countLater();
  }

  #leave(address: string, consumer: Subscriber): void {
    const queue = this.#queues.get(address);
    if (!queue) return;
    queue.leave(consumer);
    this.#forgetIdle(queue);
  }

  #forgetIdle(queue: Queue): void {
    const { address } = queue;
    if (!queue.isIdle || this.#queues.get(address) !== queue) return;
    this.#queues.delete(address);
    const { messages } = queue.close();
    this.#insist(() => this.store.release(address, positionsOf(messages)));
  }

  /** Other nodes have, or will have, what this one held: each queue forgets it, and what is said of it is passed over. */
  #startAnew(): void {
    for (const [address, queue] of [...this.#queues]) {
      this.#queues.delete(address);
      const { consumers } = queue.close();
      consumers.forEach((consumer) => this.consume(address, consumer));
    }
  }
}

const nothing: QueueBatch = { puts: [], removes: [], counts: [], frees: [] };
const noQueues: readonly undefined[] = [];

function positionsOf(messages: readonly QueuedMessage[]): number[] {
  return messages.map(({ position }) => position);
}

/** None is below 0: another node may have settled what this one counted. */
function addTo(lengths: Map<string, number>, address: string, change: number): void {
  const length = (lengths.get(address) ?? 0) + change;
  if (length <= 0) lengths.delete(address);
  else lengths.set(address, length);
}

/** Messages of one consumer in one queue come back together, so that they keep their order. */
function byConsumer(
  leaving: readonly Leaving[],
  back: (queue: Queue, messages: QueuedMessage[], before?: Subscriber) => void,
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

function counted(stored: QueuedMessage): QueuedMessage {
  return { ...stored, deliveries: stored.deliveries + 1 };
}

/** At least once: it won't look as if it were new. */
function seen(stored: QueuedMessage): QueuedMessage {
  return stored.deliveries > 0 ? stored : counted(stored);
}
