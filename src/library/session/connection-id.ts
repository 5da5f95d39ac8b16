import { randomBytes } from 'node:crypto';

const ID_BYTES = 16;

/**
 * Names a connection; nobody guesses it. `randomUUID` puts its text together of 20 pieces, which stay in memory as long as
 * the connection, where nothing writes it out.
 */
export function newConnectionId(): string {
  return randomBytes(ID_BYTES).toString('base64url');
}
