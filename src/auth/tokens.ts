import { webcrypto } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Limits } from '../limits.js';
import { Refusal } from './refusal.js';

/** What a token says, once its signature and its times are right. */
export type Claims =
  | { readonly kind: 'own'; readonly sessionId: string; readonly expiresAt: Date }
  | { readonly kind: 'foreign'; readonly email: string; readonly expiresAt: Date };

/** Whose tokens count. */
export interface Tokens {
  /** @throws {Refusal} auth_failed, auth_expired */
  verify(token: string): Promise<Claims>;
  /** Absent where an issuer elsewhere signs people in. */
  issue?(userId: number, sessionId: string, expiresAt: Date): Promise<string>;
}

/**
 * HS256 (RFC 7518, 3.2) with a secret of our own. What was verified is remembered, since each check is a job of the
 * thread pool: a sixth of a small request.
 * @param secret at least 32 bytes, as RFC 7518, 3.2 asks
 */
export function ownTokens(secret: Uint8Array, { knownTokens }: Pick<Limits, 'knownTokens'>): Tokens {
  if (secret.length < 32) throw new RangeError('The secret of tokens has at least 32 bytes');
  // Bytes would be made a key again for each token.
  const key = webcrypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);
  const known = new LRUCache<string, Claims>({ max: knownTokens });
  return {
    async verify(token) {
      const before = known.get(token);
      if (before && before.expiresAt.getTime() > Date.now()) return before;
      const { payload } = await checked(async () =>
        jwtVerify(token, await key, {
          // Pinned: a token doesn't choose how it is checked, and `none` is no algorithm (RFC 8725, 3.1).
          algorithms: ['HS256'],
          issuer: name,
          audience: name,
          requiredClaims: ['exp', 'sub', 'sid'],
        }),
      );
      if (typeof payload['sid'] !== 'string') throw notOurs();
      const claims = {
        kind: 'own',
        sessionId: payload['sid'],
        expiresAt: new Date(payload.exp! * 1000),
      } as const;
      known.set(token, claims);
      return claims;
    },
    issue: async (userId, sessionId, expiresAt) =>
      new SignJWT({ sid: sessionId })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setSubject(`${userId}`)
        .setIssuer(name)
        .setAudience(name)
        .setIssuedAt()
        .setExpirationTime(expiresAt)
        .sign(await key),
  };
}

/**
 * Tokens of another issuer, whose public keys stand at an URL (RFC 7517); `email` in them names the user.
 * @param issuer what `iss` has to be; undefined: whoever has the keys
 */
export function foreignTokens(jwksUrl: URL, issuer?: string): Tokens {
  const keys = createRemoteJWKSet(jwksUrl);
  return {
    async verify(token) {
      const { payload } = await checked(() =>
        jwtVerify(token, keys, {
          // Only asymmetric ones: with HS256 the public key would be the secret (RFC 8725, 2.1).
          algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
          audience: name,
          // RFC 8725, 3.8: keys may sign for several issuers, the tenants of one provider for instance.
          ...(issuer !== undefined && { issuer }),
          requiredClaims: ['exp', 'email'],
        }),
      );
      if (typeof payload['email'] !== 'string') throw notOurs();
      return { kind: 'foreign', email: payload['email'], expiresAt: new Date(payload.exp! * 1000) };
    },
  };
}

const name = 'carillon';

async function checked<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw new Refusal('auth_expired', 'The token has expired; sign in again, or refresh it in time.');
    // Anything else that jose names is the token's fault; keys that can't be fetched are not.
    if (error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout)) throw notOurs();
    throw error;
  }
}

function notOurs(): Refusal {
  return new Refusal('auth_failed', 'The token is not one of ours, or it was changed.');
}
