import { steadyNow } from './steady-now.js';
import { createStore, type Readable } from './store.js';

/** The server's answers come in whole seconds, and take their time: less than this is no error. */
const toleranceMs = 2_000;

/**
 * The time as the server has it. What is today, what is over and what can be booked is the clinic's to say; this
 * computer's clock may be an hour or a day off.
 */
export class ServerClock {
  readonly #offset = createStore(0);

  /** By how much the server's clock is ahead of the steady one, as far as it is known. */
  get offset(): Readable<number> {
    return this.#offset;
  }

  now(): number {
    return this.at(steadyNow());
  }

  /** What the server's clock showed at a reading of `steadyNow`. */
  at(steady: number): number {
    return steady + this.#offset.get();
  }

  /** @param date the `Date` of an answer that has just come (RFC 9110, 6.6.1) */
  learn(date: string | null): void {
    const told = Date.parse(date ?? '');
    if (Math.abs(told - this.now()) > toleranceMs) this.#offset.set(told - steadyNow());
  }
}

/** The clock of the server, as far as the page knows it. */
export const clock = new ServerClock();

/** The steady time, changing once a second while somebody looks: for what lasts. */
export const seconds: Readable<number> = ticking(1_000, steadyNow);

/** The server's time, changing twice a minute while somebody looks: good enough for a line that says "now". */
export const halfMinutes: Readable<number> = ticking(30_000, () => clock.now());

function ticking(intervalMs: number, now: () => number): Readable<number> {
  const store = createStore(now());
  const tick = () => store.set(now());
  let end: (() => void) | undefined;
  let watchers = 0;

  function begin(): () => void {
    const timer = setInterval(tick, intervalMs);
    const leave = clock.offset.subscribe(tick);
    return () => {
      leave();
      clearInterval(timer);
    };
  }

  return {
    get: store.get,
    subscribe(listener) {
      const leave = store.subscribe(listener);
      if (watchers++ === 0) {
        tick();
        end = begin();
      }
      return () => {
        leave();
        if (--watchers === 0) end?.();
      };
    },
  };
}
