import type { Duplex } from 'node:stream';

/** Sockets that are open for requests: no session lives on them, or none yet. Counted by network. */
export class PlainSockets {
  readonly #networks = new Map<string, Sockets>();

  /**
   * @param limit sockets of one network, its sessions among them
   * @param sessionsOf how many sessions a network has
   */
  constructor(
    private readonly limit: number,
    private readonly sessionsOf: (network: string) => number,
  ) {}

  /**
   * One more, which says nothing yet. Over the limit the one that has been silent longest is closed in its favour: it can
   * come again. Those that have a request under way are bounded by their requests.
   */
  add(socket: Duplex, network: string): void {
    const sockets = this.#socketsOf(network);
    if (sockets.open.size + this.sessionsOf(network) >= this.limit) this.closeSilent(network);
    sockets.open.add(socket);
    sockets.silent.add(socket);
  }

  /** Closes the one that has been silent longest. @returns false: there is none */
  closeSilent(network: string): boolean {
    const sockets = this.#networks.get(network);
    const [longest] = sockets?.silent ?? [];
    if (sockets && longest) this.#forget(longest, sockets).destroy();
    return longest !== undefined;
  }

  /** It has a request under way. */
  speaks(socket: Duplex, network: string): void {
    this.#networks.get(network)?.silent.delete(socket);
  }

  /** Its request was answered, or its stream has ended. */
  isSilent(socket: Duplex, network: string): void {
    const sockets = this.#socketsOf(network);
    sockets.open.add(socket);
    sockets.silent.add(socket);
  }

  /** It has closed, or a session or a stream lives on it, which is counted by itself. Idempotent. */
  delete(socket: Duplex, network: string): void {
    const sockets = this.#networks.get(network);
    if (!sockets) return;
    this.#forget(socket, sockets);
    if (sockets.open.size === 0) this.#networks.delete(network);
  }

  count(network: string): number {
    return this.#networks.get(network)?.open.size ?? 0;
  }

  #socketsOf(network: string): Sockets {
    const sockets = this.#networks.get(network) ?? { open: new Set(), silent: new Set() };
    this.#networks.set(network, sockets);
    return sockets;
  }

  #forget(socket: Duplex, { open, silent }: Sockets): Duplex {
    open.delete(socket);
    silent.delete(socket);
    return socket;
  }
}

interface Sockets {
  readonly open: Set<Duplex>;
  /** Of these, those that wait for a request; first the one that has waited longest. */
  readonly silent: Set<Duplex>;
}
