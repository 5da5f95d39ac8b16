import { AsyncResource } from 'node:async_hooks';
import type { Clock, Timer } from '../broker/clock.js';

/** The longest delay that setTimeout takes; above it, it fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The machine's clock. Its timers hold no process open, and a change of the wall clock doesn't move them. What is due in
 * the same millisecond shares one timer of Node: ten thousand connections beat at the same moments, and a timer of
 * Node with what belongs to it is 250 bytes.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  // Whole, for numbers with a fraction are objects, and each connection keeps some.
  monotonic: () => Math.floor(performance.now()),
  after: (ms, callback) => momentOf(Math.ceil(performance.now() + ms)).add(callback),
};

/** By when they are due, in ms of `performance.now()`. */
const moments = new Map<number, Moment>();
/** Where no request and no session is: a timer that is shared must not ring in the context of who came first. */
const nowhere = new AsyncResource('SystemClock', { requireManualDestroy: true });

function momentOf(due: number): Moment {
  const moment = moments.get(due) ?? new Moment(due);
  moments.set(due, moment);
  return moment;
}

class Moment {
  readonly #timers = new Set<SystemTimer>();
  #timeout: NodeJS.Timeout;

  constructor(private readonly due: number) {
    this.#timeout = this.#wait();
  }

  add(callback: () => void): Timer {
    const timer = new SystemTimer(this, callback);
    this.#timers.add(timer);
    return timer;
  }

  delete(timer: SystemTimer): void {
    if (!this.#timers.delete(timer) || this.#timers.size > 0) return;
    clearTimeout(this.#timeout);
    this.#forget();
  }

  ring(): void {
    // setTimeout may be a millisecond early, and a long wait is made of several.
    if (performance.now() < this.due) {
      this.#timeout = this.#wait();
      return;
    }
    this.#forget();
    for (const timer of this.#timers) {
      this.#timers.delete(timer);
      try {
        timer.callback();
      } catch (error) {
        // As from a timer of its own: it isn't kept quiet, and the others ring.
        setImmediate(() => {
          throw error;
        });
      }
    }
  }

  #wait(): NodeJS.Timeout {
    const left = Math.min(Math.ceil(this.due - performance.now()), LONGEST_TIMEOUT_MS);
    return nowhere.runInAsyncScope(() => setTimeout(ring, left, this).unref());
  }

  #forget(): void {
    if (moments.get(this.due) === this) moments.delete(this.due);
  }
}

class SystemTimer implements Timer {
  constructor(
    private readonly moment: Moment,
    readonly callback: () => void,
  ) {}

  cancel(): void {
    this.moment.delete(this);
  }
}

function ring(moment: Moment): void {
  moment.ring();
}
