import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The secret in a file that its owner alone may read; made at the first call. Processes that start at the same time
 * get the same one, and a crash leaves no half of it.
 * @returns 256 bits as text
 */
export function keptSecret(path: string): string {
  if (!existsSync(path)) make(path);
  return readFileSync(path, 'utf8').trimEnd();
}

function make(path: string): void {
  const draft = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true });
  try {
    // A link takes the name only if nobody has it: no reader sees an unfinished file, no writer replaces another's.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}
