import type { Ending } from './ending.js';

/** The two ways that are tried. */
export type Family = 'websocket' | 'sockjs';

/** Where something is remembered; `localStorage` is one. */
export type Memory = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const failuresBeforeFallback = 2;
/** A server that restarts may answer HTTP just after it refused a WebSocket. This long it takes to be proof. */
const proofMs = 5_000;
const rememberMs = 60 * 60 * 1_000;
const key = 'carillon.transport';

/**
 * WebSocket until it has proven blocked, then SockJS, which is remembered for an hour. The storage
 * belongs to one origin, so the memory does too.
 */
export class TransportChoice {
  #family: Family;
  #failures = 0;
  /** WebSocket has worked here, so that only a lasting failure can mean that it is blocked. */
  #hasWorked = false;
  /** Since when the server answers HTTP while WebSocket fails. */
  #answersSince: number | undefined;

  constructor(
    private readonly storage: Memory | undefined,
    private readonly now: () => number,
    /** Whether SockJS's `/info` answers over plain HTTP. */
    private readonly answersHttp: () => Promise<boolean>,
  ) {
    this.#family = this.#remembersSockJs() ? 'sockjs' : 'websocket';
  }

  get family(): Family {
    return this.#family;
  }

  connected(): void {
    this.#failures = 0;
    this.#answersSince = undefined;
    this.#hasWorked ||= this.#family === 'websocket';
    if (this.#family === 'sockjs') this.storage?.setItem(key, String(this.now() + rememberMs));
    else this.storage?.removeItem(key);
  }

  /** Learns from a connection that ended. A refusal in words says that the transport works. */
  async ended(ending: Ending): Promise<void> {
    if (ending.wasConnected) {
      if (this.#family === 'sockjs' && !this.#remembersSockJs()) this.#family = 'websocket';
      return;
    }
    if (ending.error) return;

    this.#failures++;
    if (this.#family === 'sockjs') {
      // Neither goes: the server is away, so begin again with the better one.
      this.storage?.removeItem(key);
      this.#change('websocket');
    } else if (ending.timedOut || this.#failures >= failuresBeforeFallback) {
      if (await this.#isBlocked()) this.#change('sockjs');
    }
  }

  /** A server that doesn't answer at all says nothing about WebSocket. */
  async #isBlocked(): Promise<boolean> {
    if (!(await this.answersHttp())) {
      this.#answersSince = undefined;
      return false;
    }
    this.#answersSince ??= this.now();
    return !this.#hasWorked || this.now() - this.#answersSince >= proofMs;
  }

  #change(family: Family): void {
    this.#family = family;
    this.#failures = 0;
    this.#answersSince = undefined;
  }

  #remembersSockJs(): boolean {
    const leftMs = Number(this.storage?.getItem(key) ?? 0) - this.now();
    // Longer than it was meant for: the clock was set back meanwhile.
    return leftMs > 0 && leftMs <= rememberMs;
  }
}
