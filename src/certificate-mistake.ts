import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** What is wrong with the files of a certificate; undefined where they can be used. */
export function certificateMistake(certFile: string, keyFile: string): string | undefined {
  for (const file of [certFile, keyFile]) {
    try {
      readFileSync(file);
    } catch (error) {
      return `can't be read: ${(error as Error).message}`;
    }
  }
  try {
    createSecureContext({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
  } catch (error) {
    return `are no certificate with its key, as PEM: ${(error as Error).message}`;
  }
  return undefined;
}
