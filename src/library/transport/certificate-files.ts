import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Clock, Timer } from '../broker/clock.js';
import type { Limits } from '../limits.js';
import { SecureSockets, type Certificate } from './secure-sockets.js';

/** Where a certificate, with the chain to it, and its key lie, as PEM. */
export interface CertificatePaths {
  readonly certFile: string;
  readonly keyFile: string;
}

/** What is told of a certificate. */
export interface CertificateLog {
  /** Connections that come from now on get the new one. */
  renewed(): void;
  /** The files changed, and are no certificate with its key; the one before stays. */
  kept(error: unknown): void;
}

/** The sockets of a certificate whose files are read again, and followed where they change. */
export class CertificateFiles {
  readonly sockets: SecureSockets;
  #seen: Certificate;
  #timer: Timer | undefined;
  #isStopped = false;

  /** @throws {Error} the files can't be read, or are no certificate with its key */
  constructor(
    private readonly paths: CertificatePaths,
    private readonly clock: Clock,
    private readonly limits: Pick<Limits, 'tlsHandshakeMs' | 'tlsLookMs'>,
    private readonly log: CertificateLog,
  ) {
    this.#seen = {
      cert: readFileSync(paths.certFile, 'utf8'),
      key: readFileSync(paths.keyFile, 'utf8'),
    };
    this.sockets = new SecureSockets(this.#seen, clock, limits);
    this.#wait();
  }

  /** Looks no more, and ends the sockets whose handshake isn't done. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.sockets.close();
  }

  #wait(): void {
    if (!this.#isStopped) this.#timer = this.clock.after(this.limits.tlsLookMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    try {
      const { certFile, keyFile } = this.paths;
      const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
      this.#follow({ cert, key });
    } catch (error) {
      // Between two files that are replaced one may be missing: the next look tells of it again.
      this.log.kept(error);
    }
    this.#wait();
  }

  /** @throws {Error} they are no certificate with its key */
  #follow(found: Certificate): void {
    if (found.cert === this.#seen.cert && found.key === this.#seen.key) return;
    this.#seen = found;
    this.sockets.renew(found);
    this.log.renewed();
  }
}
