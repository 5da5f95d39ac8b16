import type { Clock, Timer } from './clock.js';
import { Consumers } from './consumers.js';
import type { Message } from './message.js';
import { Ready } from './ready.js';
import type { QueueStore, StoredMessage } from './queue-store.js';
import type { Subscriber, Subscription } from './subscriber.js';

export interface QueueServices {
  readonly store: Pick<QueueStore, 'read'>;
  readonly clock: Clock;
  /** How much of a queue is in memory; the rest stays in the store until there is somebody to read it. */
  readonly window: { readonly messages: number; readonly bytes: number };
  /** Messages past their time: taken, and no longer this queue's to hand out. */
  readonly onExpired: (queue: Queue, messages: readonly StoredMessage[]) => void;
  /** Messages that a consumer held when it went: taken, until they are given back. */
  readonly onReturned: (queue: Queue, messages: readonly StoredMessage[]) => void;
  /** Nothing of the queue needs to stay in memory. */
  readonly onIdle: (queue: Queue) => void;
  /** A page couldn't be read; it is tried again after a pause. */
  readonly onFault: (error: unknown) => void;
  readonly retryMs: number;
  /** What expires by wall time is looked at so often at least, for wall time may be set ahead. */
  readonly clockStepMs: number;
}

/** A message that a consumer holds. */
export interface Held {
  readonly stored: StoredMessage;
  readonly consumer: Subscriber;
}

/**
 * One `/queue/…`: each message goes to one consumer, and stays in the store until it is settled. The oldest part of
 * what is stored is in memory, in order; messages that come back take their old place in it.
 */
export class Queue {
  readonly #ready = new Ready();
  readonly #held = new Map<string, Held>();
  readonly #consumers = new Consumers(() => this.#handOut());
  /** Taken messages of which the store has yet to confirm what became of them: until then memory alone knows. */
  #unconfirmed = 0;
  /** Everything up to here was in memory once. */
  #readTo = 0;
  /** The store may hold messages behind `#readTo`. */
  #hasMore = true;
  #isReading = false;
  #isHandingOut = false;
  #expiry: Timer | undefined;

  constructor(
    readonly address: string,
    private readonly services: QueueServices,
  ) {}

  /** What of it is in memory could as well be read again. */
  get isIdle(): boolean {
    return this.#consumers.isEmpty && this.#held.size === 0 && this.#unconfirmed === 0 && !this.#isReading;
  }

  consume(consumer: Subscriber): Subscription {
    this.#consumers.add(consumer);
    this.#handOut();
    return { close: () => this.#leave(consumer) };
  }

  /** A message is durable; called in order of position. */
  add(stored: StoredMessage): void {
    // A page has shown it already: the store knew of it before we heard that it does.
    if (stored.position <= this.#readTo) return;
    if (
      this.#consumers.isEmpty ||
      this.#hasMore ||
      this.#isReading ||
      this.#ready.fills(this.services.window)
    ) {
      this.#hasMore = true;
    } else {
      this.#ready.insert(stored);
      this.#readTo = stored.position;
    }
    this.#handOut();
  }

  /** Takes a message from the consumer that holds it, to settle it: `confirmed` says when that is done, or never will be. */
  take(messageId: string, consumer: Subscriber): Held | undefined {
    const held = this.#held.get(messageId);
    // It may have gone back meanwhile, and be somebody else's now.
    if (held?.consumer !== consumer) return undefined;
    this.#held.delete(messageId);
    this.#unconfirmed++;
    return held;
  }

  /** The store knows of so many taken messages what memory knows. */
  confirmed(count: number): void {
    this.#unconfirmed -= count;
    this.#handOut();
    if (this.isIdle) this.services.onIdle(this);
  }

  /** They come again, in their old places, to another consumer than before where there is one. */
  putBack(messages: readonly StoredMessage[], before?: Subscriber): void {
    messages.forEach((stored) => this.#ready.insert(stored));
    this.#handOut(before);
  }

  /** Cancels timers. */
  close(): void {
    this.#expiry?.cancel();
  }

  #leave(consumer: Subscriber): void {
    this.#consumers.delete(consumer);
    const returned = [...this.#held.values()].filter((held) => held.consumer === consumer);
    returned.forEach(({ stored }) => this.#held.delete(idOf(stored)));
    this.#unconfirmed += returned.length;
    if (returned.length > 0)
      this.services.onReturned(
        this,
        returned.map(({ stored }) => stored),
      );
    this.#handOut();
  }

  /** Hands out while there is a message and somebody with room. */
  #handOut(avoided?: Subscriber): void {
    // A consumer that settles at once comes back here in the middle; the loop goes on with what it freed.
    if (this.#isHandingOut) return;
    this.#isHandingOut = true;
    this.#dropExpired();
    for (let stored = this.#ready.first; stored; stored = this.#ready.first) {
      const consumer = this.#consumers.next(stored.deliveries > 0 ? avoided : undefined);
      if (!consumer) break;
      this.#ready.shift();
      const message = deliveryOf(stored);
      this.#held.set(message.id, { stored, consumer });
      consumer.deliver(message);
    }
    this.#isHandingOut = false;
    void this.#readOn();
  }

  async #readOn(): Promise<void> {
    const { store, window, clock, onFault, onIdle, retryMs } = this.services;
    if (!this.#hasMore || this.#isReading || this.#consumers.isEmpty || this.#ready.fills(window, 0.5))
      return;
    this.#isReading = true;
    // What is added while the store reads may be missing in the page: then there is more again.
    this.#hasMore = false;
    let page: StoredMessage[];
    try {
      page = await store.read(this.address, this.#readTo, window.messages, window.bytes);
    } catch (error) {
      this.#hasMore = true;
      clock.after(retryMs, () => this.#handOut());
      return onFault(error);
    } finally {
      this.#isReading = false;
    }
    page.forEach((stored) => this.#ready.insert(stored));
    this.#readTo = page.at(-1)?.position ?? this.#readTo;
    // A page says nothing of what is behind it, since bytes may have cut it; only an empty one does.
    if (page.length > 0) this.#hasMore = true;
    this.#handOut();
    // Its last consumer may have left while the store was reading.
    if (this.isIdle) onIdle(this);
  }

  #dropExpired(): void {
    const { clock, clockStepMs } = this.services;
    const now = clock.now();
    const expired = this.#ready.takeExpired(now);
    if (expired.length > 0) {
      this.#unconfirmed += expired.length;
      this.services.onExpired(this, expired);
    }
    this.#expiry?.cancel();
    const { nextExpiry } = this.#ready;
    this.#expiry =
      nextExpiry === Infinity
        ? undefined
        : clock.after(Math.min(nextExpiry - now, clockStepMs), () => this.#handOut());
  }
}

/** `redelivered` and its count say that a consumer had it before. */
function deliveryOf(stored: StoredMessage): Message {
  const { queue, headers, body, deliveries } = stored;
  const id = idOf(stored);
  if (deliveries === 0) return { id, address: queue, headers, body };
  const again = [
    ['redelivered', 'true'],
    ['delivery-count', String(deliveries)],
  ] as const;
  return { id, address: queue, headers: new Map([...headers, ...again]), body };
}

function idOf({ position }: StoredMessage): string {
  return `q-${position}`;
}
