import type { ClientSession, User, Wire } from './ports.js';

/** A connected client as the application sees it. What most never ask for is made when they do. */
export class Client implements ClientSession {
  #attributes: Map<string, unknown> | undefined;
  #departure: AbortController | undefined;
  #hasLeft = false;

  constructor(
    readonly id: string,
    readonly user: User,
    private readonly wire: Pick<Wire, 'transport'>,
  ) {}

  /** Of some it changes: Socket.IO's clients begin by polling. */
  get transport(): string {
    return this.wire.transport;
  }

  get attributes(): Map<string, unknown> {
    this.#attributes ??= new Map();
    return this.#attributes;
  }

  get left(): AbortSignal {
    this.#departure ??= new AbortController();
    if (this.#hasLeft) this.#departure.abort();
    return this.#departure.signal;
  }

  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  leave(): void {
    this.#hasLeft = true;
    this.#departure?.abort();
  }
}
