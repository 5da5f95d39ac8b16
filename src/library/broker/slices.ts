import type { Limits } from '../limits.js';
import type { Clock } from './clock.js';

/** Somebody who has done nothing for so long isn't there. */
const COMPANY_MS = 1_000;
/**
 * What part of a turn is one owner's where others are there too: a millisecond, about. A change goes round the loop some
 * fifteen times, and each turn is waited for.
 */
const PART = 32;

/**
 * The time of the event loop, shared: work that can be cut asks whether its turn is over, and when it is, goes on `later`.
 * Ordinary work never meets the end of a turn. Beyond it owners are served in turn, so that nobody waits for one that
 * brings much, and one that has just come finds most of each turn free.
 *
 * An owner that is alone may have a whole turn: what is done in one go leaves in few writes. Where others are there, it is
 * a small part, since their requests go round the loop many times, to the database and back.
 */
export class Slices {
  /** What waits, by owner; the owners stand in the order of their turns. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** The present turn, or the slice of the one that is served, ends then. */
  #until: number | undefined;
  #isServing = false;
  #isScheduled = false;
  /** What owners have had of this turn, in ms; but for the present one, which works since `#since`. */
  readonly #used = new Map<string, number>();
  #present: string | undefined;
  #since = 0;
  /** When it was somebody else's turn than before. */
  #companyAt = -Infinity;
  #last: string | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly limits: Pick<Limits, 'turnMs'>,
  ) {}

  /** Whether the time of this turn of the event loop is used up. */
  get isOver(): boolean {
    return this.#isOverAt(this.clock.monotonic());
  }

  /** The same, or what the owner may have of it. */
  isOverFor(owner: string): boolean {
    const now = this.clock.monotonic();
    if (this.#isOverAt(now)) return true;
    if (this.#isServing) return false;
    if (owner !== this.#present) this.#switchTo(owner, now);
    const usedMs = (this.#used.get(owner) ?? 0) + now - this.#since;
    // An owner that takes so much is there, also with a million pongs, which nobody attends to: the next ones have company.
    if (usedMs >= this.limits.turnMs / PART) this.#last = owner;
    return usedMs >= this.#turnMs(now);
  }

  /** Notes that other work is there: an owner with much to do gets shorter slices for a while. */
  attend(owner: string): void {
    if (owner === this.#last) return;
    if (this.#last !== undefined) this.#companyAt = this.clock.monotonic();
    this.#last = owner;
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

  /** Does something at once where this turn has time left, and else in the owner's own. @throws as the work does */
  async inTurn<T>(owner: string, work: () => T): Promise<Awaited<T>> {
    // The work is done in the callback, not after it: else all that wait would go on at the end of the same slice.
    if (this.isOverFor(owner))
      return await new Promise<T>((resolve, reject) =>
        this.later(owner, () => settle(work, resolve, reject)),
      );
    return await work();
  }

  #isOverAt(now: number): boolean {
    if (this.#until === undefined) {
      this.#until = now + this.limits.turnMs;
      this.#schedule();
    }
    return now >= this.#until;
  }

  #switchTo(owner: string, now: number): void {
    if (this.#present !== undefined)
      this.#used.set(this.#present, (this.#used.get(this.#present) ?? 0) + now - this.#since);
    this.#present = owner;
    this.#since = now;
  }

  /** What one owner may have. */
  #turnMs(now: number): number {
    return now - this.#companyAt < COMPANY_MS ? this.limits.turnMs / PART : this.limits.turnMs;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.clock.soon(() => {
      this.#isScheduled = false;
      this.#isServing = true;
      this.#serve();
      this.#isServing = false;
      this.#until = this.#present = undefined;
      this.#used.clear();
      if (this.#waiting.size > 0) this.#schedule();
    });
  }

  /** For half of a turn, a quarter of it for each; the first gets a slice in any case. */
  #serve(): void {
    const begun = this.clock.monotonic();
    const turnMs = this.#turnMs(begun);
    let now = begun;
    for (let left = this.#waiting.size; left > 0 && (now === begun || now < begun + turnMs / 2); left--) {
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

/** The slices of one connection: those of the address that it comes from, until it is known whose it is. */
export class OwnSlices {
  constructor(
    private readonly slices: Slices,
    private owner: string,
  ) {}

  /** Whether the time of this turn of the event loop is used up: what comes now is for `later`. */
  get isOver(): boolean {
    return this.slices.isOverFor(this.owner);
  }

  /** @see Slices#attend */
  attend(): void {
    this.slices.attend(this.owner);
  }

  /** @see Slices#later */
  later(callback: () => void): void {
    this.slices.later(this.owner, callback);
  }

  /** It is this user's: their slices are for all their connections. */
  signedIn(name: string): void {
    this.owner = ownerOf(name);
  }
}

/** The owner that a user is. */
export function ownerOf(name: string): string {
  return `user ${name}`;
}

function settle<T>(work: () => T, resolve: (value: T) => void, reject: (error: unknown) => void): void {
  try {
    resolve(work());
  } catch (error) {
    reject(error);
  }
}
