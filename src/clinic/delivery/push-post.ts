import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Limits } from '../limits.js';
import { isPublicHost, lookupPublic, PrivateAddress } from './public-address.js';

/** The head of a push service's answer. */
export interface PushAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** One post to an endpoint. */
export interface PushRequest {
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer | null;
  /** Ends it, until the answer comes. */
  readonly signal: AbortSignal;
}

/** Posts to hosts that anybody may name. It follows no redirect, and reads of an answer its head alone. */
export class PushPost {
  readonly #agents: Readonly<Record<'http:' | 'https:', HttpAgent>>;

  /** @param privateHosts hosts that may be private, and may be asked without TLS */
  constructor(
    private readonly privateHosts: readonly string[],
    private readonly limits: Pick<Limits, 'deliveryMs' | 'lingerBytes'>,
  ) {
    // Many devices have one push service: its connections are kept, but not for as long as a host that somebody names likes.
    const kept = { keepAlive: true, maxSockets: 16, timeout: limits.deliveryMs };
    this.#agents = { 'http:': new HttpAgent(kept), 'https:': new HttpsAgent(kept) };
  }

  /** Whether such an endpoint can be one at all. */
  allows(url: URL): boolean {
    if (url.username !== '' || url.password !== '') return false;
    if (this.#isTrusted(url)) return url.protocol === 'https:' || url.protocol === 'http:';
    return url.protocol === 'https:' && isPublicHost(url.hostname);
  }

  /** @throws {PrivateAddress} nothing was sent; or what Node has for a host that can't be reached */
  async post({ url, headers, body, signal }: PushRequest): Promise<PushAnswer> {
    if (!this.allows(url)) throw new PrivateAddress('is not an endpoint on a public host');
    const secure = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(
        url,
        {
          method: 'POST',
          headers,
          signal,
          agent: this.#agents[secure ? 'https:' : 'http:'],
          ...(!this.#isTrusted(url) && { lookup: lookupPublic }),
        },
        (response) => {
          this.#throwAway(response);
          resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  /** What it says is for nobody. Its end lets the connection serve again; what doesn't end is cut. */
  #throwAway(response: IncomingMessage): void {
    const { deliveryMs, lingerBytes } = this.limits;
    const timer = setTimeout(() => response.destroy(), deliveryMs).unref();
    let bytes = 0;
    response.on('error', () => undefined);
    response.on('close', () => clearTimeout(timer));
    response.on('data', (piece: Buffer) => {
      bytes += piece.byteLength;
      if (bytes > lingerBytes) response.destroy();
    });
  }

  #isTrusted({ hostname }: URL): boolean {
    return this.privateHosts.includes(hostname.replace(/^\[(.*)\]$/, '$1'));
  }
}
