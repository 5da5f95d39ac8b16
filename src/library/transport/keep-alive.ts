import { withOthers, type Clock, type Timer } from '../broker/clock.js';

/**
 * Beats on a connection on which nothing was written for a while, since a proxy ends one that says nothing: HAProxy
 * after 30 s, nginx after 60 s by default.
 */
export class KeepAlive {
  #hasWritten = true;
  #timer: Timer | undefined;

  /** @param silenceMs nothing written for longer than this ends in a beat */
  constructor(
    private readonly clock: Clock,
    private readonly silenceMs: number,
    private readonly connection: { beat(): void },
  ) {
    this.#wait();
  }

  /** Only noted, since it is called for each write: the clock is asked for nothing. */
  wrote(): void {
    this.#hasWritten = true;
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Looked at twice in `silenceMs`: what was written just after a look counts until the next one only. */
  #wait(): void {
    const everyMs = this.silenceMs / 2;
    this.#timer = this.clock.after(withOthers(this.clock, everyMs, everyMs, 'sooner'), () => {
      if (!this.#hasWritten) this.connection.beat();
      this.#hasWritten = false;
      this.#wait();
    });
  }
}
