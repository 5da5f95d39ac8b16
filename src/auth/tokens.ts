import { createSecretKey, type KeyObject } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import jsonwebtoken, { type JwtPayload } from 'jsonwebtoken';
import { Refusal } from './refusal.js';

/** What a token says, once its signature and its times are right. */
export type Claims =
  | { readonly kind: 'own'; readonly sessionId: string; readonly expiresAt: Date }
  | { readonly kind: 'foreign'; readonly email: string; readonly expiresAt: Date };

/** Whose tokens count. */
export interface Tokens {
  /** @throws {Refusal} auth_failed, auth_expired */
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
 * Tokens of another issuer, whose public keys stand at an URL (RFC 7517); `email` in them names the user.
 * @param issuer what `iss` has to be; undefined: whoever has the keys
 */
export function foreignTokens(jwksUrl: URL, issuer?: string): Tokens {
  const keys = createRemoteJWKSet(jwksUrl);
  return {
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, keys, {
          // Only asymmetric ones: with HS256 the public key would be the secret (RFC 8725, 2.1).
          algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
          audience: name,
          // RFC 8725, 3.8: keys may sign for several issuers, the tenants of one provider for instance.
          ...(issuer !== undefined && { issuer }),
          requiredClaims: ['exp', 'email'],
        });
        if (typeof payload['email'] !== 'string') throw notOurs();
        return { kind: 'foreign', email: payload['email'], expiresAt: new Date(payload.exp! * 1000) };
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw expired();
        // Anything else that jose names is the token's fault; keys that can't be fetched are not.
        if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) throw notOurs();
        throw error;
      }
    },
  };
}

const name = 'carillon';

function expired(): Refusal {
  return new Refusal('auth_expired', 'The token has expired; sign in again, or refresh it in time.');
}

function notOurs(): Refusal {
  return new Refusal('auth_failed', 'The token is not one of ours, or it was changed.');
}
