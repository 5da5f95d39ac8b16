import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runs } from './clients/installed.js';

/** Why no certificate can be made here; undefined where it can. */
export const noCertificates = runs('openssl', ['version']) ? undefined : 'no openssl';

/** A certificate and its key, as PEM files. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** Somebody's own certificate authority, made for a test. */
export class Authority {
  readonly #folder = mkdtempSync(join(tmpdir(), 'carillon-authority-'));
  #issued = 0;

  constructor() {
    openssl(
      'req',
      '-x509',
      ...KEY,
      '-keyout',
      this.#path('ca.key'),
      '-out',
      this.certificate,
      ...subject('Own CA'),
    );
  }

  /** Its own certificate, which clients are to trust (`NODE_EXTRA_CA_CERTS`). */
  get certificate(): string {
    return this.#path('ca.pem');
  }

  /** A certificate for a host of that name, in files that everybody may read. */
  issue(host: string): CertificateFiles {
    const name = `${++this.#issued}`;
    const [cert, key] = [this.#path(`${name}.pem`), this.#path(`${name}.key`)];
    openssl(
      ...['req', '-x509', '-CA', this.certificate, '-CAkey', this.#path('ca.key'), ...KEY],
      ...['-keyout', key, '-out', cert, ...subject(host), '-addext', `subjectAltName=DNS:${host}`],
      ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    );
    chmodSync(this.#folder, 0o755);
    chmodSync(key, 0o644);
    return { cert, key };
  }

  end(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

/** Overwrites files that a server reads with another certificate. */
export function replace(files: CertificateFiles, by: CertificateFiles): void {
  copyFileSync(by.cert, files.cert);
  copyFileSync(by.key, files.key);
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];

function subject(name: string): string[] {
  return ['-subj', `/CN=${name}`];
}

function openssl(...parameters: string[]): void {
  execFileSync('openssl', parameters, { stdio: 'ignore' });
}
