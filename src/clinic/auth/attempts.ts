import { Refusal } from '../errors.js';

/** How many attempts a key has. */
export interface AttemptsOptions {
  /** Attempts that a key has within the window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Keys that are remembered: above it those that have attempts left are forgotten first, the quietest before others. */
  readonly keys: number;
  /** ms of a clock that only goes forward: a step of the wall clock neither locks nor forgives. */
  readonly now?: () => number;
}

/** Counts attempts by key over a sliding window. */
export class Attempts {
  /** In both, last in the map's order is who was active last. */
  readonly #open = new Map<string, number[]>();
  /** Those that have none left; apart, so that a flood of other keys doesn't free them. */
  readonly #spent = new Map<string, number[]>();
  readonly #now: () => number;

  constructor(private readonly options: AttemptsOptions) {
    this.#now = options.now ?? (() => performance.now());
  }

  /** @throws {Refusal} rate_limited: the key has no attempt left */
  check(key: string): void {
    const times = this.#recent(key);
    const [oldest] = times;
    if (oldest === undefined || times.length < this.options.limit) return;
    const retryAfterMs = oldest + this.options.windowMs - this.#now();
    throw new Refusal('rate_limited', 'There were too many attempts; wait and try again.', { retryAfterMs });
  }

  /** Counts one. */
  record(key: string): void {
    const times = [...this.#recent(key), this.#now()].slice(-this.options.limit);
    this.forgive(key);
    (times.length < this.options.limit ? this.#open : this.#spent).set(key, times);
    if (this.#open.size + this.#spent.size > this.options.keys) this.#forgetOne();
  }

  /** @returns whether there was anything to forgive */
  forgive(key: string): boolean {
    const wasOpen = this.#open.delete(key);
    return this.#spent.delete(key) || wasOpen;
  }

  #recent(key: string): number[] {
    const since = this.#now() - this.options.windowMs;
    return (this.#spent.get(key) ?? this.#open.get(key) ?? []).filter((time) => time > since);
  }

  #forgetOne(): void {
    const [spent] = this.#spent;
    const isOver = spent && (spent[1].at(-1) ?? 0) <= this.#now() - this.options.windowMs;
    const [quietest = spent?.[0]] = this.#open.keys();
    const forgotten = isOver ? spent[0] : quietest;
    if (forgotten !== undefined) this.forgive(forgotten);
  }
}
