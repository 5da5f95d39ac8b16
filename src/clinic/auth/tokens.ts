import { createSecretKey, type KeyObject } from 'node:crypto';
import { errors, jwtVerify, type JWTPayload } from 'jose';
import jsonwebtoken, { type JwtPayload } from 'jsonwebtoken';
import type { IssuerKeys } from './issuer-keys.js';
import { Refusal } from '../errors.js';

/** What a token says, once its signature and its times are right. */
export type Claims =
  | { readonly kind: 'own'; readonly sessionId: string; readonly expiresAt: Date }
  | { readonly kind: 'foreign'; readonly email: string; readonly expiresAt: Date };

/** Checks tokens, and signs our own. */
export interface Tokens {
  /** @throws {Refusal} auth_failed, auth_expired, unavailable */
  verify(token: string): Claims | Promise<Claims>;
  /** Absent where an issuer elsewhere signs people in. */
  issue?(userId: number, sessionId: string, expiresAt: Date): string;
}

/**
 * HS256 (RFC 7518, 3.2) with a secret of our own. By jsonwebtoken, on the event loop: jose hands each HMAC, 2 µs, to
 * the thread pool, and that was a fifth of a CONNECT.
 * @param secret at least 32 bytes, as RFC 7518, 3.2 asks
 */
export function ownTokens(secret: Uint8Array): Tokens {
  if (secret.length < 32) throw new RangeError('The secret of tokens has at least 32 bytes');
  const key = createSecretKey(secret);
  return {
    verify(token) {
      const { sub, sid, exp } = claimsIn(token, key);
      if (sub === undefined || typeof sid !== 'string' || exp === undefined) throw notOurs();
      return { kind: 'own', sessionId: sid, expiresAt: new Date(exp * 1000) };
    },
    issue: (userId, sessionId, expiresAt) =>
      jsonwebtoken.sign({ sid: sessionId, exp: Math.floor(expiresAt.getTime() / 1000) }, key, {
        algorithm: 'HS256',
        subject: `${userId}`,
        issuer: name,
        audience: name,
      }),
  };
}

function claimsIn(token: string, key: KeyObject): JwtPayload {
  try {
    const { header, payload } = jsonwebtoken.verify(token, key, {
      // Pinned: a token doesn't choose how it is checked, and `none` is no algorithm (RFC 8725, 3.1).
      algorithms: ['HS256'],
      issuer: name,
      audience: name,
      complete: true,
    });
    // RFC 7515, 4.1.11: who doesn't understand an extension that has to be refuses it; here none is known.
    if (header.crit === undefined && typeof payload !== 'string') return payload;
  } catch (error) {
    if (error instanceof jsonwebtoken.TokenExpiredError) throw expired();
    // Whatever else it stumbled over stood in the token.
  }
  throw notOurs();
}

/**
 * Tokens of another issuer; `email` in them names the user.
 * @param issuer what `iss` has to be; undefined: any issuer that has the keys
 */
export function foreignTokens(keys: IssuerKeys, issuer?: string): Tokens {
  return {
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, keys.keyOf, {
          // Only asymmetric ones: with HS256 the public key would be the secret (RFC 8725, 2.1).
          algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
          audience: name,
          // RFC 8725, 3.8: keys may sign for several issuers, the tenants of one provider for instance.
          ...(issuer !== undefined && { issuer }),
          requiredClaims: ['exp', 'email'],
        });
        return { kind: 'foreign', email: emailIn(payload), expiresAt: endOf(payload) };
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw expired();
        // Anything else that jose names is the token's fault; that there are no keys is `unavailable` already.
        if (error instanceof errors.JOSEError) throw notOurs();
        throw error;
      }
    },
  };
}

/** OpenID Connect Core, 5.1: one that isn't verified is whatever its user typed. Some issuers send it as text. */
function emailIn({ email, email_verified: isVerified = true }: JWTPayload): string {
  // NUL is nothing that PostgreSQL takes for text.
  if (typeof email === 'string' && !email.includes('\0') && (isVerified === true || isVerified === 'true'))
    return email;
  throw new Refusal(
    'auth_failed',
    'The token names no e-mail address, or one that its issuer has not verified.',
  );
}

/** No later than a Date can be. */
function endOf({ exp = 0 }: JWTPayload): Date {
  return new Date(Math.min(exp * 1000, 8.64e15));
}

const name = 'carillon';

function expired(): Refusal {
  return new Refusal('auth_expired', 'The token has expired; sign in again, or refresh it in time.');
}

function notOurs(): Refusal {
  return new Refusal('auth_failed', 'The token is not one of ours, or it was changed.');
}
