import { AsyncResource } from 'node:async_hooks';
import type { Clock, Timer } from '../broker/clock.js';
import { afterReading, afterTurn } from './turn-of-loop.js';

/** The longest delay that setTimeout takes; above it, it fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** How often it is looked whether the process runs, while something waits. */
const TICK_MS = 500;

/**
 * The machine's clock. Its timers hold no process open, and a change of the wall clock doesn't move them. Time in which
 * the process stood still (SIGSTOP, a sleeping machine, a long collection) isn't counted: nobody could be heard in it. And
 * what has come meanwhile is read before a timer rings, since the one that it judges may have spoken.
 *
 * What is due in the same millisecond shares one timer of Node: ten thousand connections beat at the same moments, and a
 * timer of Node with what belongs to it is 250 bytes.
 */
export class SystemClock implements Clock {
  /** By when they are due. */
  readonly #moments = new Map<number, Moment>();
  #ticker: NodeJS.Timeout | undefined;
  #tickedAt = 0;
  #stoodStillMs = 0;

  constructor(private readonly tickMs = TICK_MS) {}

  now(): number {
    return Date.now();
  }

  monotonic(): number {
    // Whole, for numbers with a fraction are objects, and each connection keeps some.
    return Math.floor(this.#time());
  }

  after(ms: number, callback: () => void): Timer {
    const due = Math.ceil(this.#time() + ms);
    let moment = this.#moments.get(due);
    if (!moment) {
      this.#ticker ??= this.#tick();
      moment = new Moment(
        due,
        () => this.#time(),
        (over) => this.#forget(over),
      );
      this.#moments.set(due, moment);
    }
    return moment.add(callback);
  }

  soon(callback: () => void): void {
    afterTurn(callback);
  }

  #time(): number {
    const now = performance.now();
    if (this.#ticker) this.#countSleep(now);
    return now - this.#stoodStillMs;
  }

  /** One tick may be late, as busy processes are; what is later still is a process that didn't run. */
  #countSleep(now: number): void {
    const lateMs = now - this.#tickedAt - 2 * this.tickMs;
    if (lateMs <= 0) return;
    this.#stoodStillMs += lateMs;
    this.#tickedAt = now;
  }

  #tick(): NodeJS.Timeout {
    this.#tickedAt = performance.now();
    const tick = (): void => {
      const now = performance.now();
      this.#countSleep(now);
      this.#tickedAt = now;
    };
    return nowhere.runInAsyncScope(() => setInterval(tick, this.tickMs).unref());
  }

  #forget(moment: Moment): void {
    if (this.#moments.get(moment.due) === moment) this.#moments.delete(moment.due);
    if (this.#moments.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }
}

/** The clock of the process. */
export const systemClock = new SystemClock();

/** Where no request and no session is: a timer that is shared must not ring in the context of who came first. */
const nowhere = new AsyncResource('SystemClock', { requireManualDestroy: true });

class Moment {
  readonly #timers = new Set<SystemTimer>();
  #timeout: NodeJS.Timeout | undefined;

  constructor(
    readonly due: number,
    private readonly time: () => number,
    private readonly onOver: (moment: Moment) => void,
  ) {
    this.#wait();
  }

  add(callback: () => void): Timer {
    const timer = new SystemTimer(this, callback);
    this.#timers.add(timer);
    return timer;
  }

  delete(timer: SystemTimer): void {
    if (!this.#timers.delete(timer) || this.#timers.size > 0) return;
    clearTimeout(this.#timeout);
    this.onOver(this);
  }

  /** setTimeout may be a millisecond early, a long wait is made of several, and time may have stood still. */
  #wait(): void {
    const left = Math.min(Math.ceil(this.due - this.time()), LONGEST_TIMEOUT_MS);
    this.#timeout = nowhere.runInAsyncScope(() => setTimeout(come, left, this).unref());
  }

  come(): void {
    if (this.time() < this.due) return this.#wait();
    afterReading(() => this.#ring());
  }

  #ring(): void {
    // All were cancelled meanwhile.
    if (this.#timers.size === 0) return;
    if (this.time() < this.due) return this.#wait();
    // Before they ring: what they begin anew may be due in this millisecond.
    this.onOver(this);
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

function come(moment: Moment): void {
  moment.come();
}
