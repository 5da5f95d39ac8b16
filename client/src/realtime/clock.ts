import { steadyNow } from '../state/steady-now.js';

/** Time as a port; `FakeClock` of `carillon/testing` is one. */
export interface Clock {
  /** ms since 1970, as the computer has it: it may be set at any time, and goes on while the machine sleeps. */
  now(): number;
  /** ms by a clock that nobody sets; the times of a `Status` are readings of it. */
  monotonic(): number;
  /** Calls back once, in `ms`, unless it is cancelled. */
  after(ms: number, callback: () => void): Timer;
}

/** A call that is to come. */
export interface Timer {
  cancel(): void;
}

/** The clock of the browser. */
export const browserClock: Clock = {
  now: () => Date.now(),
  monotonic: steadyNow,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};
