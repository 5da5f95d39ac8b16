import { createHash, randomBytes } from 'node:crypto';
import { rowsOf } from '../../library/store/rows.js';
import type { Transaction } from '../../library/store/transaction.js';
import type { Language } from '../words/language.js';
import { Refusal } from '../errors.js';

/** A mail about an account. */
export interface LinkMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly language: Language;
}

/** Sends one. */
export type SendLinkMail = (mail: LinkMail) => Promise<void>;

/** What stands behind the `#` of a link, which browsers send to nobody: no log and no referrer has it. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a token. Plain SHA-256 is enough: what is hashed has 256 random bits. */
export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** A link that is worth nothing: nobody is told why. */
export function spentLink(): Refusal {
  return new Refusal('auth_failed', 'The link is unknown, too old or used; ask for another one.');
}

/** Nothing can be mailed here. */
export function noMailer(): Refusal {
  return new Refusal('unavailable', 'This server sends no mail; ask its operator.');
}

/** Makes the links useless that somebody has asked for and not used. */
export async function forgetLinks({ manager }: Transaction, userId: number): Promise<void> {
  for (const table of ['reset_link', 'email_change'])
    await rowsOf(manager, `delete from ${table} where user_id = $1 returning 1`, [userId]);
}
