import type { Clock } from '../broker/clock.js';
import type { Limits } from '../limits.js';
import { systemClock } from '../transport/system-clock.js';
import { Schedule } from './schedule.js';

/** How often old rows are removed, and how many at once. */
export interface PruningOptions {
  readonly limits: Pick<Limits, 'pruneRows' | 'pruneEveryMs'>;
  /** The system's unless given. */
  readonly clock?: Clock;
  readonly logError: (message: string, error: unknown) => void;
}

/** Forgets what is old, now and then again and again, in small steps, so that nobody waits for it. */
export class Pruning {
  readonly #schedule: Schedule;

  /**
   * @param what is pruned, for the log
   * @param step forgets some of what is old at an instant (ms), `limit` at most. Resolves with how much: less than
   *   `limit` where nothing is left
   */
  constructor(
    what: string,
    private readonly step: (now: number, limit: number) => Promise<number>,
    private readonly options: PruningOptions,
  ) {
    const { clock = systemClock, limits, logError } = options;
    this.#schedule = new Schedule(
      {
        work: () => this.prune(),
        everyMs: limits.pruneEveryMs,
        failed: (error) => logError(`Old ${what} could not be pruned; it is tried until it can`, error),
      },
      clock,
    );
  }

  /** Prunes now, and then again and again. */
  start(): void {
    this.#schedule.startNow();
  }

  stop(): void {
    this.#schedule.stop();
  }

  /** @returns how much went */
  async prune(): Promise<number> {
    const { clock = systemClock, limits } = this.options;
    const now = clock.now();
    let pruned = 0;
    for (
      let step = limits.pruneRows;
      step === limits.pruneRows && !this.#schedule.isStopped;
      pruned += step
    ) {
      step = await this.step(now, limits.pruneRows);
    }
    return pruned;
  }
}
