import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';

/** What is left for files, databases and the log: a quarter, and so many where that is less, but half at most. */
const RESERVE = 64;

/**
 * Sockets of clients, of whichever server, against what the process may have open. A network may have as many as are
 * still free: one alone gets half of them, ten get a tenth each, and somebody new always finds some
 * (Choudhury and Hahne, Dynamic Queue Length Thresholds, 1998).
 */
export class Descriptors {
  readonly #places: number;
  readonly #networkOf = new Map<Duplex, string | undefined>();
  readonly #countOf = new Map<string, number>();
  readonly #known = new WeakSet<Duplex>();

  /** @param limit files and sockets of this process */
  constructor(limit = openFilesLimit()) {
    this.#places = Math.max(limit / 2, Math.min((limit * 3) / 4, limit - RESERVE));
  }

  get free(): number {
    return this.#places - this.#networkOf.size;
  }

  has(socket: Duplex): boolean {
    return this.#networkOf.has(socket) || this.#known.has(socket);
  }

  /** @param network undefined: many share the socket, since it is a proxy's */
  hasPlaceFor(network: string | undefined): boolean {
    const count = network === undefined ? 0 : (this.#countOf.get(network) ?? 0);
    return count < this.free;
  }

  /** Until it closes. */
  add(socket: Duplex, network: string | undefined): void {
    this.#networkOf.set(socket, network);
    this.#count(network, 1);
    socket.once('close', () => {
      this.#networkOf.delete(socket);
      this.#count(network, -1);
    });
  }

  /** It is one with a socket that was added, as TLS is with what is below it. */
  know(socket: Duplex): void {
    this.#known.add(socket);
  }

  #count(network: string | undefined, more: number): void {
    if (network === undefined) return;
    const count = (this.#countOf.get(network) ?? 0) + more;
    if (count > 0) this.#countOf.set(network, count);
    else this.#countOf.delete(network);
  }
}

/** `ulimit -n` as it holds for this process; Node has raised it as far as it may. Infinity where it isn't told. */
function openFilesLimit(): number {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    // Not on Linux.
    return Infinity;
  }
}
