import type { Clock, Timer } from '../broker/clock.js';

/** The longest delay that setTimeout takes; above it, it fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The machine's clock. Its timers hold no process open, and a change of the wall clock doesn't move them. */
export const systemClock: Clock = {
  now: () => Date.now(),

  after(ms: number, callback: () => void): Timer {
    const due = performance.now() + ms;
    let timeout = wait();

    function wait(): NodeJS.Timeout {
      const left = Math.min(Math.ceil(due - performance.now()), LONGEST_TIMEOUT_MS);
      return setTimeout(ring, left).unref();
    }

    function ring(): void {
      // setTimeout may be a millisecond early, and a long wait is made of several.
      if (performance.now() < due) timeout = wait();
      else callback();
    }

    return { cancel: () => clearTimeout(timeout) };
  },
};
