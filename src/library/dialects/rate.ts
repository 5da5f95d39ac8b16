import type { Clock } from '../broker/clock.js';

/** How fast messages may come: a bucket that holds what a second gives. */
export class Rate {
  #left: number;
  #filledAt: number;

  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly perSecond: number,
  ) {
    this.#left = perSecond;
    this.#filledAt = clock.monotonic();
  }

  /** @returns whether one more may come now */
  take(): boolean {
    const now = this.clock.monotonic();
    this.#left = Math.min(this.perSecond, this.#left + ((now - this.#filledAt) / 1000) * this.perSecond);
    this.#filledAt = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
