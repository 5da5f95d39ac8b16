import type { Limits } from '../limits.js';
import type { Clock } from './clock.js';

/**
 * The time of the event loop, shared: work that can be cut asks `isOver`, and when it is, goes on `later`. Ordinary
 * work never meets the end of a turn. Beyond it owners are served in turn, so that nobody waits for one that brings
 * much, and one that has just come finds half of each turn free.
 */
export class Slices {
  /** What waits, by owner; the owners stand in the order of their turns. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** The present turn, or the slice of the one that is served, ends then. */
  #until: number | undefined;
  #isScheduled = false;

  constructor(
    private readonly clock: Clock,
    private readonly limits: Pick<Limits, 'turnMs'>,
  ) {}

  /** Whether the time of this turn of the event loop is used up. */
  get isOver(): boolean {
    const now = this.clock.monotonic();
    this.#until ??= this.#begin(now);
    return now >= this.#until;
  }

  /** Whether something of that owner waits already: what comes behind it has to wait too, where order matters. */
  isWaiting(owner: string): boolean {
    return this.#waiting.has(owner);
  }

  /** Calls back in a later turn: an owner's callbacks in their order, owners in turn. It doesn't throw. */
  later(owner: string, callback: () => void): void {
    const own = this.#waiting.get(owner);
    if (own) own.push(callback);
    else this.#waiting.set(owner, [callback]);
    this.#schedule();
  }

  #begin(now: number): number {
    this.#schedule();
    return now + this.limits.turnMs;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.clock.soon(() => {
      this.#isScheduled = false;
      this.#serve();
      this.#until = undefined;
      if (this.#waiting.size > 0) this.#schedule();
    });
  }

  /** For half of a turn, a quarter of it for each; the first gets a slice in any case. */
  #serve(): void {
    const { turnMs } = this.limits;
    const begun = this.clock.monotonic();
    let now = begun;
    for (let left = this.#waiting.size; left > 0 && now < begun + turnMs / 2; left--) {
      const [next] = this.#waiting;
      if (!next) return;
      const [owner, callbacks] = next;
      this.#until = now + turnMs / 4;
      // Behind the others, with what it leaves undone, and what it adds.
      this.#waiting.delete(owner);
      const undone = this.#serveOne(callbacks);
      const added = this.#waiting.get(owner) ?? [];
      this.#waiting.delete(owner);
      if (undone.length + added.length > 0) this.#waiting.set(owner, [...undone, ...added]);
      now = this.clock.monotonic();
    }
  }

  /** @returns what had no time left */
  #serveOne(callbacks: readonly (() => void)[]): readonly (() => void)[] {
    for (const [i, callback] of callbacks.entries()) {
      callback();
      if (this.isOver) return callbacks.slice(i + 1);
    }
    return [];
  }
}
