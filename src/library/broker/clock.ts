/** Time as a port, so that protocol tests run in milliseconds. */
export interface Clock {
  /** Wall time, ms since the Unix epoch: what people read and what tokens say. It may be stepped, either way, at any time. */
  now(): number;
  /**
   * ms since some moment: for silences, intervals, lives and lock-outs. Never goes back, no step of wall time moves it,
   * and it stands still while the process does.
   */
  monotonic(): number;
  /** Calls back once, `ms` of monotonic time from now. Never earlier. */
  after(ms: number, callback: () => void): Timer;
  /** Calls back once, when the event loop has gone round and done what is ready now; in the order of the calls. */
  soon(callback: () => void): void;
}

/**
 * When something that recurs is due: a little `sooner` or `later` than in `ms`, by less than a hundredth of its interval.
 * So what many connections do in the same interval is due at the same moments, and wakes the process once for all.
 * @returns ms from now
 */
export function withOthers(clock: Clock, ms: number, everyMs: number, round: 'sooner' | 'later'): number {
  const step = Math.floor(everyMs / 100);
  if (step === 0) return ms;
  const now = clock.monotonic();
  const steps = (now + ms) / step;
  return (round === 'sooner' ? Math.floor(steps) : Math.ceil(steps)) * step - now;
}

/** Something that is to happen later. */
export interface Timer {
  cancel(): void;
}
