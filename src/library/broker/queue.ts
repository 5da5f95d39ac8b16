import type { Limits } from '../limits.js';
import type { Clock, Timer } from './clock.js';
import { Consumers } from './consumers.js';
import type { Message } from './message.js';
import { Ready, type WaitingBytes } from './ready.js';
import type { QueueStore, QueuedMessage } from './queue-store.js';
import type { Subscriber } from './subscriber.js';

/** What a queue needs of its broker. */
export interface QueueServices {
  readonly store: Pick<QueueStore, 'isShared' | 'isSure' | 'claim'>;
  readonly clock: Clock;
  readonly limits: Pick<
    Limits,
    | 'queueWindowMessages'
    | 'queueWindowBytes'
    | 'queueWindowsBytes'
    | 'queueClaimPerConsumer'
    | 'queueClaim'
    | 'queueHoldMs'
    | 'queuePauseMs'
    | 'storeRetryMs'
    | 'clockStepMs'
  >;
  /** What this queue and the others keep for consumers. */
  readonly waiting: WaitingBytes;
  /** Messages past their time: taken, and no longer this queue's to hand out. */
  readonly onExpired: (queue: Queue, messages: readonly QueuedMessage[]) => void;
  /** Messages that a consumer held when it went: taken, until they are given back. */
  readonly onReturned: (queue: Queue, messages: readonly QueuedMessage[]) => void;
  /** Messages that nobody here takes now: the store may give them to a node that claims them. */
  readonly onReleased: (queue: Queue, messages: readonly QueuedMessage[]) => void;
  /** Whether a message came so often that it comes no more: nodes that die with it are counted too. */
  readonly isWorn: (stored: QueuedMessage) => boolean;
  /** Such messages: taken, and no longer this queue's to hand out. */
  readonly onWorn: (queue: Queue, messages: readonly QueuedMessage[]) => void;
  /** Nothing of the queue needs to stay in memory. */
  readonly onIdle: (queue: Queue) => void;
  /** A claim failed; it is tried again after a pause. */
  readonly onFault: (error: unknown) => void;
}

/** A message that a consumer holds. */
export interface Held {
  readonly stored: QueuedMessage;
  readonly consumer: Subscriber;
}

/**
 * One `/queue/…` on this node: each message goes to one consumer, and stays in the store until it is settled. What the
 * node holds and has not handed out is in memory, in order; messages that come back take their old place in it.
 *
 * It either keeps up, or it has more. While it keeps up, it knows of nothing in the store that nobody holds; what is put
 * then is the node's own from the start and comes from memory (`expects`, `arrived`). Else there is more in the store,
 * and it claims until a claim finds nothing. No claim begins while a message of its own is on its way, for the claim
 * could bring a later one first; and nothing that is put during a claim is its own, for the claim may bring an earlier
 * one.
 */
export class Queue {
  readonly #ready: Ready;
  readonly #held = new Map<string, Held>();
  readonly #consumers = new Consumers(() => this.#handOut());
  /** Taken messages of which the store has yet to confirm what became of them: until then memory alone knows. */
  #unconfirmed = 0;
  /** Messages that are this node's own and being stored. */
  #coming = 0;
  /** What goes back to the store and isn't there yet: a claim before it would bring later messages. */
  #releases = 0;
  /** The store may have messages that nobody holds. */
  #hasMore = true;
  #isClaiming = false;
  #isHandingOut = false;
  #isClosed = false;
  #expiry: Timer | undefined;
  /** Gives back what lies too long. */
  #hold: Timer | undefined;
  /** Nothing is claimed before it. */
  #pause: Timer | undefined;

  constructor(
    readonly address: string,
    private readonly services: QueueServices,
  ) {
    this.#ready = new Ready(services.waiting);
  }

  /** What of it is in memory could as well be claimed again. */
  get isIdle(): boolean {
    return (
      this.#consumers.isEmpty &&
      this.#held.size === 0 &&
      this.#unconfirmed === 0 &&
      this.#coming === 0 &&
      this.#releases === 0 &&
      !this.#isClaiming
    );
  }

  /** Whether it has a consumer here, other than this one. */
  hasConsumer(other?: Subscriber): boolean {
    return this.#consumers.all.some((consumer) => consumer !== other);
  }

  consume(consumer: Subscriber): void {
    this.#consumers.add(consumer);
    this.#handOut();
  }

  /** Takes back what the consumer holds. */
  leave(consumer: Subscriber): void {
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

  /** Whether a message that is put now is this node's own: then `arrived` or `failed` follows. */
  expects(): boolean {
    const isOwn = this.#keepsUp && !this.#isClaiming && this.#hasPlace && this.services.store.isSure();
    if (isOwn) this.#coming++;
    return isOwn;
  }

  /** A message that it expected is durable; called in order of position. */
  arrived(stored: QueuedMessage): void {
    this.#coming--;
    if (this.#keepsUp && this.#mayKeep && !this.#ready.fills(this.#window)) this.#ready.insert(stored);
    else {
      this.#hasMore = true;
      this.#release([stored]);
    }
    this.#handOut();
    this.#leaveIfIdle();
  }

  /** A message that it expected was not stored. */
  failed(): void {
    this.#coming--;
    this.#handOut();
    this.#leaveIfIdle();
  }

  /** What it gave back is there again, for any node to claim. */
  released(): void {
    this.#releases--;
    this.#handOut();
    this.#leaveIfIdle();
  }

  /** The store has a message more that nobody holds, or may have one. */
  grew(): void {
    this.#hasMore = true;
    this.#handOut();
  }

  /** As `grew`, of messages that a consumer of this node refused: those of other nodes come first. */
  freed(): void {
    this.#waitFor(this.services.limits.queuePauseMs);
    this.#hasMore = true;
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
    this.#leaveIfIdle();
  }

  /** They come again, in their old places, to another consumer than before where there is one. */
  putBack(messages: readonly QueuedMessage[], before?: Subscriber): void {
    if (this.#isClosed) return;
    messages.forEach((stored) => this.#ready.insert(stored));
    this.#handOut(before);
  }

  /** Ends it: nothing more is claimed or handed out. @returns the consumers that it had, and the messages that it held for none */
  close(): { readonly consumers: readonly Subscriber[]; readonly messages: readonly QueuedMessage[] } {
    this.#isClosed = true;
    [this.#expiry, this.#hold, this.#pause].forEach((timer) => timer?.cancel());
    const consumers = [...this.#consumers.all];
    consumers.forEach((consumer) => this.#consumers.delete(consumer));
    return { consumers, messages: this.#ready.takeAll() };
  }

  get #keepsUp(): boolean {
    return !this.#consumers.isEmpty && !this.#hasMore;
  }

  get #window(): { messages: number; bytes: number } {
    const { queueWindowMessages, queueWindowBytes } = this.services.limits;
    // One message has more than a byte.
    return { messages: queueWindowMessages, bytes: this.#isCrowded ? 1 : queueWindowBytes };
  }

  /** All queues together keep as much as they may: each has one message at a time now, for a consumer with room. */
  get #isCrowded(): boolean {
    return this.services.waiting.bytes >= this.services.limits.queueWindowsBytes;
  }

  get #mayKeep(): boolean {
    return !this.#isCrowded || this.#consumers.withRoom() > 0;
  }

  /** Alone it holds as much as fits in memory; else what its consumers take soon. */
  get #hasPlace(): boolean {
    if (this.services.store.isShared) return this.#ready.length === 0 && this.#coming < this.#share;
    return this.#ready.length + this.#coming < this.#window.messages && !this.#ready.fills(this.#window);
  }

  /** How many messages it takes at a time, where other nodes want some too. */
  get #share(): number {
    const { queueClaim, queueClaimPerConsumer } = this.services.limits;
    return Math.min(queueClaim, queueClaimPerConsumer * this.#consumers.withRoom());
  }

  #leaveIfIdle(): void {
    if (this.isIdle) this.services.onIdle(this);
  }

  /** Hands out while there is a message and somebody with room. */
  #handOut(avoided?: Subscriber): void {
    // A consumer that settles at once comes back here in the middle; the loop goes on with what it freed.
    if (this.#isHandingOut || this.#isClosed) return;
    if (!this.services.store.isSure()) return this.#waitFor(this.services.limits.queuePauseMs);
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
    this.#limitHold();
    void this.#claim();
  }

  /** What lies here, though another node might have somebody for it, goes back after a while. */
  #limitHold(): void {
    const { store, clock, limits } = this.services;
    if (!store.isShared) return;
    if (this.#ready.length === 0) {
      this.#hold?.cancel();
      this.#hold = undefined;
    } else this.#hold ??= clock.after(limits.queueHoldMs, () => this.#giveBack());
  }

  #giveBack(): void {
    this.#hold = undefined;
    this.#hasMore = true;
    this.#release(this.#ready.takeAll());
  }

  #release(messages: readonly QueuedMessage[]): void {
    this.#releases++;
    this.services.onReleased(this, messages);
  }

  #waitFor(ms: number): void {
    this.#pause ??= this.services.clock.after(ms, () => {
      this.#pause = undefined;
      this.#handOut();
    });
  }

  get #mayClaim(): boolean {
    if (!this.#hasMore || this.#isClaiming || this.#pause || this.#isClosed) return false;
    if (this.#coming > 0 || this.#releases > 0) return false;
    if (this.services.store.isShared) return this.#ready.length === 0 && this.#consumers.withRoom() > 0;
    return !this.#consumers.isEmpty && this.#mayKeep && !this.#ready.fills(this.#window, 0.5);
  }

  async #claim(): Promise<void> {
    if (!this.#mayClaim) return;
    const { store, onFault, limits } = this.services;
    const { messages, bytes } = this.#window;
    this.#isClaiming = true;
    // What is stored during the claim may be missing in its page: then there is more again.
    this.#hasMore = false;
    let page: QueuedMessage[];
    try {
      page = await store.claim(this.address, store.isShared ? this.#share : messages, bytes);
    } catch (error) {
      this.#hasMore = true;
      this.#waitFor(limits.storeRetryMs);
      return onFault(error);
    } finally {
      this.#isClaiming = false;
    }
    if (this.#isClosed) return this.#release(page);
    const { isWorn, onWorn } = this.services;
    const worn = page.filter(isWorn);
    page.filter((stored) => !isWorn(stored)).forEach((stored) => this.#ready.insert(stored));
    if (worn.length > 0) {
      this.#unconfirmed += worn.length;
      onWorn(this, worn);
    }
    // A page says nothing of what is behind it, since bytes may have cut it; only an empty one does.
    if (page.length > 0) this.#hasMore = true;
    this.#handOut();
    // Its last consumer may have left meanwhile.
    this.#leaveIfIdle();
  }

  #dropExpired(): void {
    const { clock, limits } = this.services;
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
        : clock.after(Math.min(nextExpiry - now, limits.clockStepMs), () => this.#handOut());
  }
}

/** `redelivered` and its count say that a consumer had it before. */
function deliveryOf(stored: QueuedMessage): Message {
  const { queue, headers, body, deliveries } = stored;
  const id = idOf(stored);
  if (deliveries === 0) return { id, address: queue, headers, body };
  const again = [
    ['redelivered', 'true'],
    ['delivery-count', String(deliveries)],
  ] as const;
  return { id, address: queue, headers: new Map([...headers, ...again]), body };
}

function idOf({ position }: QueuedMessage): string {
  return `q-${position}`;
}
