import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * scrypt (RFC 7914) with the parameters in the hash, so that they can be raised and old hashes still checked.
 * It runs in libuv's thread pool: the event loop goes on meanwhile.
 * @returns `$scrypt$ln=14,r=8,p=5$salt$key`, salt and key in base64 (PHC string format)
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, 32, cost);
  return `$scrypt$ln=${cost.log2N},r=${cost.r},p=${cost.p}$${unpadded(salt)}$${unpadded(key)}`;
}

/** In the place of a hash: nobody signs in by a password. */
export const NO_PASSWORD = '!';

/**
 * @param hash as `hashPassword` gave it; `undefined`, for an account that doesn't exist, and `NO_PASSWORD` take the same
 *   time and are false
 */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const isHash = hash !== undefined && hash !== NO_PASSWORD;
  const { cost, salt, key } = parse(isHash ? hash : nobody);
  const derived = await derive(password, salt, key.length, cost);
  return timingSafeEqual(derived, key) && isHash;
}

interface Cost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

/** One of the settings of OWASP's Password Storage Cheat Sheet that are equally strong; this one takes the least memory: 16 MiB. */
const cost: Cost = { log2N: 14, r: 8, p: 5 };

/** The hash of no password: a key that nobody derives. */
const nobody = `$scrypt$ln=${cost.log2N},r=${cost.r},p=${cost.p}$${unpadded(Buffer.alloc(16))}$${unpadded(Buffer.alloc(32))}`;

function derive(password: string, salt: Buffer, length: number, { log2N, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** log2N;
  // Twice what the algorithm needs (RFC 7914, 2): Node refuses at its own default of 32 MiB otherwise.
  const options = { N, r, p, maxmem: 2 * 128 * r * (N + p) };
  return new Promise((resolve, reject) => {
    // One person types an umlaut as one code point, another keyboard as two (RFC 8265, 4.2 asks for a normal form too).
    scrypt(password.normalize('NFKC'), salt, length, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function parse(hash: string): { cost: Cost; salt: Buffer; key: Buffer } {
  const [, log2N, r, p, salt, key] =
    /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash) ?? [];
  if (!log2N || !r || !p || !salt || !key)
    throw new Error('A stored password hash is not in the format $scrypt$…');
  return {
    cost: { log2N: Number(log2N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
