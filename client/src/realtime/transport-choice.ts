import type { Ending } from './ending.js';

export type Family = 'websocket' | 'sockjs';

const failuresBeforeFallback = 2;
const rememberMs = 60 * 60 * 1_000;
const key = 'carillon.transport';

/**
 * WebSocket until it has proven blocked, then SockJS, which is remembered for an hour. The storage
 * belongs to one origin, so the memory does too.
 */
export class TransportChoice {
  #family: Family;
  #failures = 0;

  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
    private readonly now: () => number = Date.now,
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
    if (this.#family === 'sockjs') this.storage.setItem(key, String(this.now() + rememberMs));
    else this.storage.removeItem(key);
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
      this.storage.removeItem(key);
      this.#change('websocket');
    } else if (ending.timedOut || this.#failures >= failuresBeforeFallback) {
      // A server that doesn't answer at all says nothing about WebSocket.
      if (await this.answersHttp()) this.#change('sockjs');
    }
  }

  #change(family: Family): void {
    this.#family = family;
    this.#failures = 0;
  }

  #remembersSockJs(): boolean {
    return Number(this.storage.getItem(key) ?? 0) > this.now();
  }
}
