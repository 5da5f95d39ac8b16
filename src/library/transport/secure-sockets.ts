import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls';
import type { Clock } from '../broker/clock.js';
import type { Limits } from '../limits.js';

/** A certificate with the chain to it, and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** TLS on sockets that were accepted, each with the certificate of its moment. */
export class SecureSockets {
  #context: SecureContext;
  /** Those whose handshake isn't done. */
  readonly #opening = new Set<Socket>();

  /** @throws {Error} the certificate or the key can't be read, or they are none of each other */
  constructor(
    certificate: Certificate,
    private readonly clock: Clock,
    private readonly limits: Pick<Limits, 'tlsHandshakeMs'>,
  ) {
    this.#context = createSecureContext({ ...certificate });
  }

  /** For those who come from now on; connections that are open keep theirs. @throws {Error} as the constructor */
  renew(certificate: Certificate): void {
    this.#context = createSecureContext({ ...certificate });
  }

  /** @param secured is given the socket to speak on when the handshake is done; a socket that doesn't do it in time is destroyed */
  open(socket: Socket, secured: (socket: TLSSocket) => void): void {
    this.#opening.add(socket);
    const timer = this.clock.after(this.limits.tlsHandshakeMs, () => socket.destroy());
    const secure = new TLSSocket(socket, { isServer: true, secureContext: this.#context });
    // What went wrong shows in the 'close' that follows; a client that doesn't speak TLS is nothing to tell of.
    secure.on('error', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('close', () => {
      timer.cancel();
      this.#opening.delete(socket);
    });
    secure.once('secure', () => {
      timer.cancel();
      this.#opening.delete(socket);
      secured(secure);
    });
  }

  /** Ends those that aren't open yet. */
  close(): void {
    this.#opening.forEach((socket) => socket.destroy());
  }
}
