import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, type ECDH } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';

/** What a browser got. */
export interface Push {
  readonly path: string;
  readonly payload: unknown;
  readonly ttl: number;
  readonly urgency: string | undefined;
  readonly topic: string | undefined;
  /** What the clinic's token says of itself. */
  readonly vapid: Readonly<Record<string, unknown>>;
  /** The encrypted body, as the push service sees it. */
  readonly body: Buffer;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A push service and its browsers: takes posts as RFC 8030 has them, checks whose they are (RFC 8292), and reads what is
 * meant for its browsers (RFC 8291). What breaks a rule is answered 400, and stands in `faults`.
 */
export class PushService {
  readonly faults: string[] = [];
  readonly requests: string[] = [];
  readonly #browsers = new Map<string, Browser>();
  readonly #answers = new Map<string, Answer[]>();
  readonly #pushes: Push[] = [];
  readonly #waiting: ((push: Push) => void)[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<PushService> {
    const server = createServer();
    const service = new PushService(server);
    server.on('request', (request, response) => void service.#take(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A new browser's subscription, as `toJSON()` gives it. @param key the clinic's; only its pushes are taken */
  subscribe(key: string): {
    endpoint: string;
    keys: { p256dh: string; auth: string };
    name: string;
    path: string;
  } {
    const browser = { ecdh: createECDH('prime256v1'), auth: randomBytes(16), key };
    const path = `/push/${randomBytes(8).toString('hex')}`;
    const p256dh = browser.ecdh.generateKeys('base64url');
    this.#browsers.set(path, browser);
    return {
      endpoint: `${this.origin}${path}`,
      keys: { p256dh, auth: browser.auth.toString('base64url') },
      name: `Browser of ${path}`,
      path,
    };
  }

  /** What the next posts to this browser are answered with, before they are taken as usual. */
  answerNext(path: string, ...answers: readonly Answer[]): void {
    this.#answers.set(path, [...answers]);
  }

  /** The next push that was taken. */
  next(): Promise<Push> {
    const push = this.#pushes.shift();
    return push ? Promise.resolve(push) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Those that nobody has asked for with `next`. */
  get taken(): readonly Push[] {
    return this.#pushes;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    this.requests.push(path);
    const answer = this.#answers.get(path)?.shift();
    if (answer) return answer(request, response);
    const browser = this.#browsers.get(path);
    if (!browser) return void response.writeHead(404).end();
    try {
      const push = await this.#read(path, request, browser);
      response.writeHead(201).end();
      const waiter = this.#waiting.shift();
      if (waiter) waiter(push);
      else this.#pushes.push(push);
    } catch (error) {
      this.faults.push(String(error));
      response.writeHead(400).end();
    }
  }

  async #read(path: string, request: IncomingMessage, { ecdh, auth, key }: Browser): Promise<Push> {
    const { headers, method } = request;
    if (method !== 'POST') throw new Error(`It is no POST but ${method}`);
    if (headers['content-encoding'] !== 'aes128gcm') throw new Error('It is not encrypted by RFC 8188');
    const ttl = Number(headers['ttl']);
    if (!/^\d+$/.test(String(headers['ttl']))) throw new Error('It has no TTL (RFC 8030, 5.2)');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    return {
      path,
      payload: JSON.parse(decrypted(body, ecdh, auth)) as unknown,
      ttl,
      urgency: headers['urgency'] as string | undefined,
      topic: headers['topic'] as string | undefined,
      vapid: await tokenOf(String(headers.authorization), key, this.origin),
      body,
    };
  }
}

interface Browser {
  readonly ecdh: ECDH;
  readonly auth: Buffer;
  readonly key: string;
}

/** RFC 8292, 2 and 3: signed by the key that the browser subscribed with, for this service, for a day at most. */
async function tokenOf(
  authorization: string,
  key: string,
  origin: string,
): Promise<Readonly<Record<string, unknown>>> {
  const [, token = '', given] = /^vapid t=([^,]+), ?k=([^,]+)$/.exec(authorization) ?? [];
  if (given !== key) throw new Error('It is by another key than the subscription');
  const point = Buffer.from(key, 'base64url');
  const publicKey = createPublicKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
  });
  const { payload } = await jwtVerify(token, publicKey, { algorithms: ['ES256'], audience: origin });
  if ((payload.exp ?? Infinity) > Date.now() / 1_000 + 86_400) throw new Error('Its token lasts too long');
  return payload;
}

/** RFC 8291, 3.4, and RFC 8188, 2: salt, record size, the sender's key, one record. */
function decrypted(body: Buffer, ecdh: ECDH, auth: Buffer): string {
  const salt = body.subarray(0, 16);
  const keyLength = body.readUInt8(20);
  const theirs = body.subarray(21, 21 + keyLength);
  const record = body.subarray(21 + keyLength);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), theirs]);
  const ikm = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(theirs), auth, info, 32));
  const key = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: aes128gcm\0', 16));
  const nonce = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: nonce\0', 12));
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  return padded.subarray(0, padded.lastIndexOf(2)).toString();
}
