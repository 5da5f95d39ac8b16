import type { StompSocket } from '../stomp-socket.js';

const EVERY_MS = 10_000;
const TURN_MS = 100;
const LINE_FEED = Buffer.of(0x0a);

/** Heart-beats of many clients from one timer, each in its turn, so that they don't all beat at once. */
export class Beats {
  /** Of CONNECT: beats in both directions. */
  readonly header = `${EVERY_MS},${EVERY_MS}`;
  heard = 0;
  readonly #turns: StompSocket[][] = Array.from({ length: EVERY_MS / TURN_MS }, () => []);
  readonly #timer: NodeJS.Timeout;
  readonly #began = performance.now();
  #turn = 0;

  constructor() {
    this.#timer = setInterval(() => this.#beat(), TURN_MS);
  }

  /** From now on it beats, for the first time when its interval is over. */
  keep(socket: StompSocket): void {
    this.#turns[this.#turn % this.#turns.length]?.push(socket);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    // A timer that is late doesn't make all later beats late.
    while (this.#turn < (performance.now() - this.#began) / TURN_MS) {
      this.#turn += 1;
      for (const socket of this.#turns[this.#turn % this.#turns.length] ?? []) socket.send(LINE_FEED);
    }
  }
}
