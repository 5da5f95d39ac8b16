import type { Clock, Timer } from '../broker/clock.js';
import type { Limits } from '../limits.js';

export interface PruningOptions {
  readonly limits: Pick<Limits, 'pruneRows' | 'pruneEveryMs'>;
  readonly clock: Clock;
  readonly logError: (message: string, error: unknown) => void;
}

/** Forgets what is old, now and then again and again, in small steps, so that nobody waits for it. */
export class Pruning {
  #timer: Timer | undefined;
  #isStopped = false;

  /**
   * @param what is pruned, for the log
   * @param step forgets some of what is old at an instant (ms), `limit` at most. Resolves with how much: less than
   *   `limit` where nothing is left
   */
  constructor(
    private readonly what: string,
    private readonly step: (now: number, limit: number) => Promise<number>,
    private readonly options: PruningOptions,
  ) {}

  /** Prunes now, and then again and again. */
  start(): void {
    void this.#pruneAndWait();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** @returns how much went */
  async prune(): Promise<number> {
    const { clock, limits } = this.options;
    const now = clock.now();
    let pruned = 0;
    for (let step = limits.pruneRows; step === limits.pruneRows && !this.#isStopped; pruned += step) {
      step = await this.step(now, limits.pruneRows);
    }
    return pruned;
  }

  async #pruneAndWait(): Promise<void> {
    const { clock, limits, logError } = this.options;
    try {
      await this.prune();
    } catch (error) {
      logError(`Old ${this.what} could not be pruned; it is tried again`, error);
    }
    if (!this.#isStopped) this.#timer = clock.after(limits.pruneEveryMs, () => void this.#pruneAndWait());
  }
}
