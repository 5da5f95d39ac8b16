import type { Message } from './message.js';
import type { Slices } from './slices.js';

/** A subscriber that a message is handed to. */
export interface Receiver {
  deliver(message: Message): void;
}

interface Delivery {
  readonly message: Message;
  /** Those that were subscribed when it was published and haven't had it. */
  readonly receivers: readonly Receiver[];
  next: number;
}

interface Way {
  readonly deliveries: Delivery[];
  readonly done: Promise<void>;
  readonly finish: () => void;
}

/** Messages that an address may have on their way; beyond it nobody else has a turn until they have arrived. */
const MOST_ON_THEIR_WAY = 100;

/**
 * Deliveries that don't fit in one turn of the event loop go on in the next ones. What is published to the same address
 * meanwhile comes after them, so that each subscriber gets all of it in its order; other addresses aren't held up.
 */
export class Deliveries {
  readonly #ways = new Map<string, Way>();
  /** Receivers that have left while something was on its way to them. */
  readonly #left = new Set<Receiver>();

  constructor(private readonly slices: Slices) {}

  isUnderWay(address: string): boolean {
    return this.#ways.size > 0 && this.#ways.has(address);
  }

  /** Resolves when all that was published to an address has been handed over; undefined where it has. */
  done(address: string): Promise<void> | undefined {
    return this.#ways.size === 0 ? undefined : this.#ways.get(address)?.done;
  }

  add(message: Message, receivers: readonly Receiver[]): void {
    const { address } = message;
    const known = this.#ways.get(address);
    const way = known ?? newWay();
    way.deliveries.push({ message, receivers, next: 0 });
    if (!known) {
      this.#ways.set(address, way);
      this.slices.later(ownerOf(address), () => this.#goOn(address, way));
    } else if (way.deliveries.length > MOST_ON_THEIR_WAY) this.#handOver(way, () => false);
  }

  /** Nothing is delivered to it any more. */
  leave(receiver: Receiver): void {
    if (this.#ways.size > 0) this.#left.add(receiver);
  }

  #goOn(address: string, way: Way): void {
    this.#handOver(way, () => this.slices.isOver);
    if (way.deliveries.length > 0) {
      this.slices.later(ownerOf(address), () => this.#goOn(address, way));
      return;
    }
    this.#ways.delete(address);
    if (this.#ways.size === 0) this.#left.clear();
    way.finish();
  }

  #handOver({ deliveries }: Way, isOver: () => boolean): void {
    for (let delivery = deliveries[0]; delivery; delivery = deliveries[0]) {
      const { message, receivers } = delivery;
      while (delivery.next < receivers.length) {
        const receiver = receivers[delivery.next++];
        if (receiver && !this.#left.has(receiver)) receiver.deliver(message);
        if (delivery.next % LOOK_EVERY === 0 && isOver()) return;
      }
      deliveries.shift();
    }
  }
}

/** Deliveries between two looks at the time: few enough to be short, and many enough that looking costs nothing. */
export const LOOK_EVERY = 32;

function newWay(): Way {
  let finish = (): void => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { deliveries: [], done, finish: () => finish() };
}

function ownerOf(address: string): string {
  return `to ${address}`;
}
