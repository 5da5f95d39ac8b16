import type { Clock, Timer } from '../broker/clock.js';

/** Time that stands still until it is told to pass. */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  #soon: (() => void)[] = [];

  constructor(now = Date.UTC(2026, 0, 5, 9)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(ms: number, callback: () => void): Timer {
    const timer = { at: this.#monotonic + ms, callback };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  /**
   * Timers that are due fire in their order, each at its own time; what was to be called `soon` is called first. With 0
   * the event loop goes round once.
   */
  pass(ms: number): void {
    const until = this.#monotonic + ms;
    this.#goRound();
    if (ms > 0) while (this.#soon.length > 0) this.#goRound();
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#passTo(Math.max(this.#monotonic, due.at));
      due.callback();
    }
    this.#passTo(Math.max(this.#monotonic, until));
  }

  /** Time passes while the process is busy with one thing: nothing is called. */
  keepBusy(ms: number): void {
    this.#passTo(this.#monotonic + ms);
  }

  /** Sets wall time ahead, or back where `ms` is negative, as an operator or NTP does: no time passes, no timer fires. */
  stepWall(ms: number): void {
    this.#now += ms;
  }

  #goRound(): void {
    const callbacks = this.#soon;
    this.#soon = [];
    for (const callback of callbacks) callback();
  }

  #passTo(moment: number): void {
    this.#now += moment - this.#monotonic;
    this.#monotonic = moment;
  }

  /** Timers that wait; a session that is over leaves none. */
  get pending(): number {
    return this.#timers.size;
  }
}
