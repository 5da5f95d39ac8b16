import type { Clock, Timer } from '../broker/clock.js';

/** The longest delay that setTimeout takes; above it, it fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's clock. Its timers hold no process open, and a change of the wall clock doesn't move them. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => new SystemTimer(performance.now() + ms, callback),
};

/** Without closures: every connection has three of them. */
class SystemTimer implements Timer {
  #timeout: NodeJS.Timeout;

  constructor(
    private readonly due: number,
    private readonly callback: () => void,
  ) {
    this.#timeout = this.#wait();
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }

  #wait(): NodeJS.Timeout {
    const left = Math.min(Math.ceil(this.due - performance.now()), LONGEST_TIMEOUT_MS);
    return setTimeout(ring, left, this).unref();
  }

  ring(): void {
    // setTimeout may be a millisecond early, and a long wait is made of several.
    if (performance.now() < this.due) this.#timeout = this.#wait();
    else this.callback();
  }
}

function ring(timer: SystemTimer): void {
  timer.ring();
}
