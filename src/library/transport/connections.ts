import type { Clock } from '../broker/clock.js';
import { networkOf } from '../network.js';
import type { Descriptors } from './descriptors.js';

/** A connection as its transport can end it. */
export interface Connection {
  /** Ends it now, unflushed. */
  cut(): void;
}

/** All open connections: counted by network, since one client must not take every socket, and cut at the end. */
export class Connections {
  readonly #open = new Set<Connection>();
  readonly #countOf = new Map<string, number>();
  #onEmpty: (() => void) | undefined;

  /** @param descriptors what there is of sockets: where that is less than the limit, it counts */
  constructor(
    private readonly limitPerAddress: number,
    private readonly descriptors: Pick<Descriptors, 'free'>,
  ) {}

  get count(): number {
    return this.#open.size;
  }

  hasPlaceFor(address: string): boolean {
    return this.countOf(networkOf(address)) < Math.min(this.limitPerAddress, this.descriptors.free);
  }

  countOf(network: string): number {
    return this.#countOf.get(network) ?? 0;
  }

  add(connection: Connection, address: string): void {
    this.#open.add(connection);
    const network = networkOf(address);
    this.#countOf.set(network, (this.#countOf.get(network) ?? 0) + 1);
  }

  /** Idempotent. @param address as it was added with */
  delete(connection: Connection, address: string): void {
    if (!this.#open.delete(connection)) return;
    const network = networkOf(address);
    const left = (this.#countOf.get(network) ?? 0) - 1;
    if (left > 0) this.#countOf.set(network, left);
    else this.#countOf.delete(network);
    if (this.#open.size === 0) this.#onEmpty?.();
  }

  /** Waits until none is open, `ms` at most, and cuts the rest. */
  async end(ms: number, clock: Clock): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = clock.after(ms, resolve);
      this.#onEmpty = () => {
        timer.cancel();
        resolve();
      };
    });
    for (const connection of this.#open) connection.cut();
  }
}
