import type { Clock } from '../broker/clock.js';
import type { Limits } from '../limits.js';

/** What of a second's time may be used at once. */
const BURST = 1 / 10;
/** Owners that are remembered before it is looked who needn't be. */
const FEW = 1_000;

/**
 * The time that Node's parser takes, by owner: one that sends a body in chunks of a byte would have all of the event loop,
 * in slices as short as they may be. An owner that has used its time pauses until there is some again; what is made of
 * the requests isn't counted.
 */
export class ParsingTime {
  readonly #budgets = new Map<string, TimeLeft>();
  #sweepAt = FEW;
  /** What was done meanwhile and is no parsing, in ms. */
  #otherMs = 0;
  #isOther = false;

  constructor(
    private readonly clock: Clock,
    private readonly limits: Pick<Limits, 'requestParseMs'>,
  ) {}

  /** Parses for an owner. */
  count(owner: string, parse: () => void): void {
    const begun = this.clock.monotonic();
    const otherMs = this.#otherMs;
    parse();
    const now = this.clock.monotonic();
    const usedMs = now - begun - (this.#otherMs - otherMs);
    if (usedMs > 0) this.#use(owner, usedMs, now);
  }

  /** Does what parsing led to, and isn't parsing. */
  except(work: () => void): void {
    if (this.#isOther) return work();
    this.#isOther = true;
    const begun = this.clock.monotonic();
    try {
      work();
    } finally {
      this.#isOther = false;
      this.#otherMs += this.clock.monotonic() - begun;
    }
  }

  /** How long an owner has to pause, in ms; 0: not at all. */
  waitMs(owner: string): number {
    const budget = this.#budgets.get(owner);
    if (!budget) return 0;
    this.#refill(budget, this.clock.monotonic());
    if (budget.leftMs > 0) return 0;
    // Until it is worth while.
    return Math.ceil((this.#burstMs / 10 - budget.leftMs) / this.#rate);
  }

  #use(owner: string, usedMs: number, now: number): void {
    const budget = this.#budgets.get(owner) ?? { leftMs: this.#burstMs, at: now };
    this.#budgets.set(owner, budget);
    this.#refill(budget, now);
    // A process that didn't run meanwhile is nobody's fault.
    budget.leftMs = Math.max(budget.leftMs - usedMs, -this.#burstMs);
    if (this.#budgets.size > this.#sweepAt) this.#sweep(now);
  }

  #refill(budget: TimeLeft, now: number): void {
    budget.leftMs = Math.min(this.#burstMs, budget.leftMs + (now - budget.at) * this.#rate);
    budget.at = now;
  }

  #sweep(now: number): void {
    for (const [owner, budget] of this.#budgets) {
      this.#refill(budget, now);
      if (budget.leftMs >= this.#burstMs) this.#budgets.delete(owner);
    }
    this.#sweepAt = Math.max(FEW, 2 * this.#budgets.size);
  }

  /** Of each ms. */
  get #rate(): number {
    return this.limits.requestParseMs / 1_000;
  }

  get #burstMs(): number {
    return this.limits.requestParseMs * BURST;
  }
}

interface TimeLeft {
  leftMs: number;
  at: number;
}
