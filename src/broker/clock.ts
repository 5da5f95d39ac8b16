/** Time as a port, so that protocol tests run in milliseconds. */
export interface Clock {
  /** ms since the Unix epoch. */
  now(): number;
  /** Calls back once, `ms` from now. Never earlier. */
  after(ms: number, callback: () => void): Timer;
}

/**
 * When something that recurs is due: a little `sooner` or `later` than in `ms`, by less than a hundredth of its interval.
 * So what many connections do in the same interval is due at the same moments, and wakes the process once for all.
 * @returns ms from now
 */
export function withOthers(clock: Clock, ms: number, everyMs: number, round: 'sooner' | 'later'): number {
  const step = Math.floor(everyMs / 100);
  if (step === 0) return ms;
  const steps = (clock.now() + ms) / step;
  return (round === 'sooner' ? Math.floor(steps) : Math.ceil(steps)) * step - clock.now();
}

export interface Timer {
  cancel(): void;
}
