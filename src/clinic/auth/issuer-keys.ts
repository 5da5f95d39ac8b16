import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose';
import type { Limits } from '../limits.js';
import { Refusal } from '../errors.js';

/** How an issuer is asked for its keys. */
export interface IssuerKeysOptions {
  readonly limits: Pick<
    Limits,
    'issuerMs' | 'issuerBytes' | 'issuerKeysMs' | 'issuerPauseMs' | 'issuerOutageMs'
  >;
  /** Told once when the issuer begins to fail, and once when it is back. */
  readonly tell: (message: string, error?: unknown) => void;
  /** ms of a clock that only goes forward. */
  readonly now?: () => number;
}

/**
 * The public keys of an issuer (RFC 7517, 5), asked for when a token needs them: one question at a time, with a pause
 * after each, however many tokens name keys that nobody knows. While the issuer is away the last good ones are used.
 */
export class IssuerKeys {
  #keys: JWTVerifyGetKey | undefined;
  #gotAt = -Infinity;
  #askedAt = -Infinity;
  #asking: Promise<void> | undefined;
  /** Why the last question failed; undefined if it succeeded. */
  #trouble: Error | undefined;
  readonly #now: () => number;

  constructor(
    private readonly url: URL,
    private readonly options: IssuerKeysOptions,
  ) {
    this.#now = options.now ?? (() => performance.now());
  }

  /** For `jwtVerify`. @throws {JOSEError} the issuer has no such key @throws {Refusal} unavailable */
  readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    const { issuerKeysMs, issuerOutageMs } = this.options.limits;
    if (this.#age() > issuerOutageMs) await this.#ask();
    // Nobody waits for newer ones as long as these may be used.
    else if (this.#age() > issuerKeysMs) void this.#ask();

    const known = await this.#find(header, token);
    if (known) return known;
    await this.#ask();
    const found = await this.#find(header, token);
    if (found) return found;
    // Perhaps the issuer signs with a key that it can't tell us now.
    if (this.#trouble || !this.#usable()) throw this.#unavailable(this.#trouble);
    throw new errors.JWKSNoMatchingKey();
  };

  async #find(
    ...asked: Parameters<JWTVerifyGetKey>
  ): Promise<Awaited<ReturnType<JWTVerifyGetKey>> | undefined> {
    try {
      return await this.#usable()?.(...asked);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return undefined;
      throw error;
    }
  }

  #usable(): JWTVerifyGetKey | undefined {
    return this.#age() > this.options.limits.issuerOutageMs ? undefined : this.#keys;
  }

  #age(): number {
    return this.#now() - this.#gotAt;
  }

  /** Never fails. Does nothing in the pause after the last time. */
  #ask(): Promise<void> {
    if (this.#asking) return this.#asking;
    if (this.#now() - this.#askedAt < this.options.limits.issuerPauseMs) return Promise.resolve();
    this.#asking = this.#fetch().finally(() => {
      this.#askedAt = this.#now();
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #fetch(): Promise<void> {
    try {
      this.#keys = createLocalJWKSet(await keysAt(this.url, this.options.limits));
      this.#gotAt = this.#now();
      if (this.#trouble) this.options.tell('The issuer of tokens gives its keys again');
      this.#trouble = undefined;
    } catch (error) {
      if (!this.#trouble) this.options.tell('The issuer of tokens gives no keys', error);
      this.#trouble = error instanceof Error ? error : new Error('no keys', { cause: error });
    }
  }

  #unavailable(cause: unknown): Refusal {
    const { issuerPauseMs } = this.options.limits;
    const message = 'The issuer of this token gives no keys to check it by; try again.';
    return new Refusal('unavailable', message, { retryAfterMs: issuerPauseMs, cause });
  }
}

type FetchLimits = Pick<Limits, 'issuerMs' | 'issuerBytes'>;

/** @throws {Error} whatever else the issuer answers with, or doesn't in time */
async function keysAt(url: URL, { issuerMs, issuerBytes }: FetchLimits): Promise<JSONWebKeySet> {
  const bare = new URL(url);
  bare.username = bare.password = '';
  const response = await fetch(bare, {
    headers: {
      Accept: 'application/jwk-set+json, application/json',
      ...(url.username !== '' && { Authorization: `Basic ${basic(url)}` }),
    },
    // Another place than the one that is trusted.
    redirect: 'error',
    // Until the last byte, not the first.
    signal: AbortSignal.timeout(issuerMs),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`It answers ${response.status}`);
  }
  const answer = JSON.parse(await textOf(response, issuerBytes)) as { keys?: unknown } | null;
  const keys = (Array.isArray(answer?.keys) ? answer.keys : []).flatMap(usableIn);
  // As from an issuer that has just started, or isn't one.
  if (keys.length === 0) throw new Error('It has no key that can be used');
  return { keys };
}

/** What checks a signature, and nothing else of the key: over the rest jose stumbles when a token needs it. */
function usableIn(key: unknown): JWK[] {
  try {
    const { kid, alg, use, key_ops: uses = ['verify'] } = key as JWK;
    const publicKey = createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
    // RFC 7518, 3.3.
    const isTooSmall = (publicKey.asymmetricKeyDetails?.modulusLength ?? Infinity) < 2048;
    if (isTooSmall || !uses.includes('verify')) return [];
    const named = Object.entries({ kid, alg, use }).filter(([, value]) => value !== undefined);
    return [{ ...(publicKey.export({ format: 'jwk' }) as JWK), ...Object.fromEntries(named) }];
  } catch {
    // There is no other way to ask.
    return [];
  }
}

async function textOf(response: Response, bytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > bytes) throw new Error(`It answers with more than ${bytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function basic({ username, password }: URL): string {
  return Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
}
