/** Time as a port, so that protocol tests run in milliseconds. */
export interface Clock {
  /** ms since the Unix epoch. */
  now(): number;
  /** Calls back once, `ms` from now. Never earlier. */
  after(ms: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}
