import type { Subscriber } from './subscriber.js';

/** The consumers of one queue, served in turn. */
export class Consumers {
  readonly #all: Subscriber[] = [];
  readonly #asked = new Set<Subscriber>();
  #next = 0;

  /** @param onCapacity called when one that had no room has some again */
  constructor(private readonly onCapacity: () => void) {}

  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** How many have room; it calls back when one of the others has some. */
  withRoom(): number {
    let count = 0;
    for (const consumer of this.#all) {
      if (consumer.hasCapacity()) count++;
      else this.#ask(consumer);
    }
    return count;
  }

  get all(): readonly Subscriber[] {
    return this.#all;
  }

  add(consumer: Subscriber): void {
    this.#all.push(consumer);
  }

  delete(consumer: Subscriber): void {
    const at = this.#all.indexOf(consumer);
    if (at === -1) return;
    this.#all.splice(at, 1);
    if (at < this.#next) this.#next--;
    this.#asked.delete(consumer);
  }

  /** The one whose turn it is among those with room. @param avoided is chosen only if no other has room */
  next(avoided?: Subscriber): Subscriber | undefined {
    let last: Subscriber | undefined;
    for (let i = 0; i < this.#all.length; i++) {
      const at = (this.#next + i) % this.#all.length;
      const consumer = this.#all[at];
      if (!consumer) continue;
      if (!consumer.hasCapacity()) this.#ask(consumer);
      else if (consumer === avoided) last = consumer;
      else {
        this.#next = (at + 1) % this.#all.length;
        return consumer;
      }
    }
    return last;
  }

  #ask(consumer: Subscriber): void {
    if (this.#asked.has(consumer)) return;
    this.#asked.add(consumer);
    consumer.onCapacity(() => {
      if (this.#asked.delete(consumer)) this.onCapacity();
    });
  }
}
