import type { Clock, Timer } from '../broker/clock.js';
import { systemClock } from '../transport/system-clock.js';

/** Work that comes again and again. */
export interface Recurring {
  readonly work: () => Promise<unknown>;
  /** From the end of one run to the start of the next. Up to a tenth is added, so that several nodes drift apart. */
  readonly everyMs: number;
  /** The same after a run that failed; `everyMs` unless given. */
  readonly retryMs?: number;
  /** Asked when a run is due: where it is true, the schedule rests until it is started again. */
  readonly isIdle?: () => boolean;
  /** Told of a failure, unless the run before failed too. Not after `stop`: what the work needs may be gone by then. */
  readonly failed: (error: unknown) => void;
}

/**
 * Runs recurring work, one run at a time; a run that fails doesn't end it.
 *
 * It rests until it is started, waits until a run is due, runs, and waits again. `stop` ends it for good and leaves a run
 * that is under way to itself: work of many steps asks `isStopped` between two of them. Its timers hold no process open.
 *
 * Each node has its own schedules. Work that only one of several nodes may do has to claim it in the database, as `sweep`
 * does.
 */
export class Schedule {
  #state: 'resting' | 'waiting' | 'running' = 'resting';
  #hasFailed = false;
  #timer: Timer | undefined;
  #isStopped = false;

  /** @param random as `Math.random` */
  constructor(
    private readonly recurring: Recurring,
    private readonly clock: Clock = systemClock,
    private readonly random: () => number = Math.random,
  ) {}

  /** The first run comes after an interval. Does nothing unless the schedule rests. */
  start(): void {
    if (this.#state === 'resting' && !this.isStopped) this.#wait(this.recurring.everyMs);
  }

  /** The first run comes when the event loop has gone round. Does nothing unless the schedule rests. */
  startNow(): void {
    if (this.#state !== 'resting' || this.isStopped) return;
    this.#state = 'waiting';
    this.clock.soon(() => void this.#due());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#isStopped = true;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  #wait(ms: number): void {
    this.#state = 'waiting';
    this.#timer = this.clock.after(ms + (ms * this.random()) / 10, () => void this.#due());
  }

  async #due(): Promise<void> {
    if (this.isStopped) return;
    const { work, everyMs, retryMs = everyMs, isIdle, failed } = this.recurring;
    if (isIdle?.()) {
      this.#state = 'resting';
      return;
    }
    this.#state = 'running';
    try {
      await work();
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed && !this.isStopped) failed(error);
      this.#hasFailed = true;
    }
    if (!this.isStopped) this.#wait(this.#hasFailed ? retryMs : everyMs);
  }
}
