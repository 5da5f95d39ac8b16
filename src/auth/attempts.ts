import { Refusal } from './refusal.js';

export interface AttemptsOptions {
  /** Attempts that a key has within the window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Keys that are remembered; the one that was quiet longest is forgotten first. */
  readonly keys: number;
  readonly now?: () => number;
}

/** Counts attempts by key over a sliding window. */
export class Attempts {
  readonly #times = new Map<string, number[]>();
  readonly #now: () => number;

  constructor(private readonly options: AttemptsOptions) {
    this.#now = options.now ?? Date.now;
  }

  /** Counts one more. @throws {Refusal} rate_limited, and then counts none */
  take(key: string): void {
    const times = this.#recent(key);
    this.#refuseIfSpent(times);
    times.push(this.#now());
    // Last in the map's order is who was active last.
    this.#times.delete(key);
    this.#times.set(key, times);
    if (this.#times.size > this.options.keys) this.#forgetQuietest();
  }

  /** @throws {Refusal} rate_limited, if `take` would */
  check(key: string): void {
    this.#refuseIfSpent(this.#recent(key));
  }

  forgive(key: string): void {
    this.#times.delete(key);
  }

  #recent(key: string): number[] {
    const since = this.#now() - this.options.windowMs;
    return this.#times.get(key)?.filter((time) => time > since) ?? [];
  }

  #refuseIfSpent(times: readonly number[]): void {
    const [oldest] = times;
    if (oldest === undefined || times.length < this.options.limit) return;
    const retryAfterMs = oldest + this.options.windowMs - this.#now();
    throw new Refusal('rate_limited', 'There were too many attempts; wait and try again.', retryAfterMs);
  }

  #forgetQuietest(): void {
    const [quietest] = this.#times.keys();
    if (quietest !== undefined) this.#times.delete(quietest);
  }
}
