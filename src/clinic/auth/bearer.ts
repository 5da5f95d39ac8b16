import { Refusal } from '../errors.js';

/** The token of an Authorization header (RFC 6750, 2.1). @throws {Refusal} auth_failed */
export function bearerToken(authorization: string): string {
  const [, token] = /^Bearer +([\w.~+/-]+=*) *$/i.exec(authorization) ?? [];
  if (token === undefined)
    throw new Refusal('auth_failed', 'The Authorization header must be: Bearer <token>.');
  return token;
}
