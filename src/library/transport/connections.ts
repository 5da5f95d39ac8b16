import type { Duplex } from 'node:stream';
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
    this.#count(networkOf(address), 1);
  }

  /**
   * A socket that another library speaks on: counted until it closes, and left to that library at the end.
   * @returns counts it no more, sooner
   */
  addForeign(socket: Duplex, address: string): () => void {
    const network = networkOf(address);
    this.#count(network, 1);
    const leave = (): void => {
      socket.off('close', leave);
      this.#count(network, -1);
    };
    socket.once('close', leave);
    return leave;
  }

  /** Idempotent. @param address as it was added with */
  delete(connection: Connection, address: string): void {
    if (!this.#open.delete(connection)) return;
    this.#count(networkOf(address), -1);
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

  #count(network: string, more: number): void {
    const count = this.countOf(network) + more;
    if (count > 0) this.#countOf.set(network, count);
    else this.#countOf.delete(network);
  }
}
