import type { Clock } from '../broker/clock.js';
import { systemClock } from './system-clock.js';

/** By which way in somebody came who was turned away. */
export type Entrance = 'http' | 'sockjs' | 'websocket' | 'socket.io' | 'tcp';

/** A page that was turned away for its Origin, as this node saw it. */
export interface RefusedOrigin {
  readonly origin: string;
  /** As it came, and the origin that it makes with what trusted proxies say. */
  readonly host: string | undefined;
  readonly ownOrigin: string | undefined;
  readonly address: string;
}

/** How often a refused Origin is told at most. */
const TOLD_EVERY_MS = 10_000;

/** What was turned away before there was a session: counted, and a foreign Origin told once in a while. */
export class Refused {
  readonly #counts = new Map<string, number>();
  #toldAt = -Infinity;
  #untold = 0;

  /** @param tell hears how many were refused since it was told the last time */
  constructor(
    private readonly tell: (refused: RefusedOrigin, times: number) => void = () => undefined,
    private readonly clock: Clock = systemClock,
  ) {}

  add(entrance: Entrance, { code }: { readonly code: string }): void {
    const key = `${entrance} ${code}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  addOrigin(entrance: Entrance, refused: RefusedOrigin): void {
    this.add(entrance, { code: 'origin' });
    this.#untold += 1;
    const now = this.clock.monotonic();
    if (now - this.#toldAt < TOLD_EVERY_MS) return;
    this.tell(refused, this.#untold);
    this.#toldAt = now;
    this.#untold = 0;
  }

  counts(): { readonly entrance: string; readonly reason: string; readonly count: number }[] {
    return [...this.#counts].map(([key, count]) => {
      const [entrance = '', reason = ''] = key.split(' ');
      return { entrance, reason, count };
    });
  }
}
