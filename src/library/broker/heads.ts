import type { Limits } from '../limits.js';
import type { Clock, Timer } from './clock.js';
import type { Log, LogHead } from './log.js';

/** How often the heads of followed logs are asked for, and of how many at once. */
export type HeadLimits = Pick<Limits, 'headsEveryMs' | 'headsTroubleMs' | 'headsDoubtMs' | 'headsAtOnce'>;

/** What the look at the heads needs of its broker. */
export interface HeadServices {
  readonly clock: Clock;
  readonly limits: HeadLimits;
  /** The addresses that somebody reads, by their logs. */
  readonly followed: () => ReadonlyMap<Log, readonly string[]>;
  readonly tell: (address: string, head: LogHead) => void;
  readonly onFault: (error: unknown) => void;
}

/** Whether something may have been added to the log of an address. */
export type Concerns = (address: string) => boolean;

/** Between two looks that follow on each other, and between two questions of one: a database that has much to do isn't asked for everything at once. */
const PAUSE_MS = 100;

/**
 * Looks whether followed logs have more than was heard of: what another process added, or what was committed though
 * its answer was lost. Now and then; more often while looking fails, while other processes can't tell what they add, and
 * after a write whose outcome nobody knows: then at once, and until it must be known.
 */
export class Heads {
  readonly #logs = new WeakSet<Log>();
  #timer: Timer | undefined;
  #isLooking = false;
  /** What the next look is for: every log, or those addresses that one of these names. */
  #due: 'all' | Concerns[] = [];
  #isTold = true;
  #hasFailed = false;
  /** Until then a write may still become visible whose outcome isn't known, in ms of the clock. */
  #doubtUntil = 0;

  constructor(private readonly services: HeadServices) {}

  /** Somebody reads an address of that log. */
  watch(log: Log): void {
    if (!this.#logs.has(log)) {
      this.#logs.add(log);
      log.onDoubt?.(() => this.#doubt());
    }
    if (!this.#timer && !this.#isLooking) this.#schedule();
  }

  /** Looks at once at those addresses, of which something may not have been heard. */
  look(concerns: Concerns): void {
    if (this.#due !== 'all') this.#due.push(concerns);
    void this.#look();
  }

  /** What other processes add is heard of no longer. */
  trouble(): void {
    this.#isTold = false;
    this.#lookAll();
  }

  calm(): void {
    this.#isTold = true;
  }

  /** Nobody reads anything any more. */
  rest(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #doubt(): void {
    const { clock, limits } = this.services;
    this.#doubtUntil = clock.monotonic() + limits.headsDoubtMs;
    this.#lookAll();
  }

  #lookAll(): void {
    this.#due = 'all';
    void this.#look();
  }

  #schedule(): void {
    const { clock, limits, followed } = this.services;
    if (followed().size === 0) return;
    const isTrouble = this.#hasFailed || !this.#isTold || clock.monotonic() < this.#doubtUntil;
    this.#timer = clock.after(isTrouble ? limits.headsTroubleMs : limits.headsEveryMs, () => {
      this.#timer = undefined;
      this.#lookAll();
    });
  }

  async #look(): Promise<void> {
    // One that has begun may have asked before the doubt arose: it looks again.
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    for (let isFirst = true; this.#due.length > 0; isFirst = false) {
      if (!isFirst) await this.#pause();
      const due = this.#due;
      this.#due = [];
      await this.#lookOnce(due);
    }
    this.#isLooking = false;
    this.#schedule();
  }

  /** Never rejects. */
  async #lookOnce(due: 'all' | readonly Concerns[]): Promise<void> {
    const { limits, followed, tell, onFault } = this.services;
    const isDue = (address: string): boolean => due === 'all' || due.some((concerns) => concerns(address));
    try {
      let isFirst = true;
      for (const [log, all] of followed()) {
        const addresses = all.filter(isDue);
        for (let at = 0; at < addresses.length; at += limits.headsAtOnce) {
          if (!isFirst) await this.#pause();
          isFirst = false;
          const heads = await headsOf(log, addresses.slice(at, at + limits.headsAtOnce));
          for (const [address, head] of heads) tell(address, head);
        }
      }
      this.#hasFailed = false;
    } catch (error) {
      // Once for an outage, however often it is tried.
      if (!this.#hasFailed) onFault(error);
      this.#hasFailed = true;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.services.clock.after(PAUSE_MS, resolve));
  }
}

async function headsOf(log: Log, addresses: readonly string[]): Promise<ReadonlyMap<string, LogHead>> {
  if (log.heads) return log.heads(addresses);
  const heads = new Map<string, LogHead>();
  for (const address of addresses) heads.set(address, await log.head(address));
  return heads;
}
