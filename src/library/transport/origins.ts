import type { IncomingMessage, ServerResponse } from 'node:http';
import { serializedOrigin } from './origin-name.js';
import type { Forwarded, Proxies } from './proxies.js';
import { refuseRequest, refusals } from './refusal.js';
import type { Entrance, Refused } from './refused.js';

/** A handler as `connect` and Express take it. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Methods that change nothing (RFC 9110, 9.2.1). */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Web pages of which origins may use this server. Programs send no Origin and are always welcome. */
export class Origins {
  readonly #allowed: ReadonlySet<string>;

  /**
   * @param allowed beside the server's own origin, such as `https://clinic.example`
   * @throws {TypeError} one isn't an origin: a pattern, for example, would match nothing
   */
  constructor(
    allowed: readonly string[],
    private readonly proxies: Proxies,
    private readonly refused?: Refused,
  ) {
    this.#allowed = new Set(allowed.map(namedOrigin));
  }

  allows(request: IncomingMessage): boolean {
    const { origin } = request.headers;
    return (
      origin === undefined ||
      this.#allowed.has(origin) ||
      origin === this.proxies.originOf(forwarded(request))
    );
  }

  /** What `allows` says no to: it leaves a trace. */
  note(request: IncomingMessage, entrance: Entrance): void {
    const seen = forwarded(request);
    const { origin = '', host } = request.headers;
    const [ownOrigin, address] = [this.proxies.originOf(seen), this.proxies.addressOf(seen)];
    this.refused?.addOrigin(entrance, { origin, host, ownOrigin, address });
  }

  /**
   * Tells a browser that the page may read the answer. The origin itself, never `*`: with credentials a browser
   * refuses the wildcard, and sockjs-client always asks with credentials.
   */
  setHeaders(request: IncomingMessage, response: ServerResponse): void {
    // Caches must not give one origin's answer to another, nor one without these headers to anybody.
    response.appendHeader('Vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !this.allows(request)) return;
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Allow-Credentials', 'true');
    response.setHeader('Access-Control-Expose-Headers', 'ETag, Location, Retry-After');
    const wanted = request.headers['access-control-request-headers'];
    if (wanted !== undefined) response.setHeader('Access-Control-Allow-Headers', wanted);
  }

  /** For `Content-Security-Policy`: pages that may put one of ours in a frame. */
  get frameAncestors(): string {
    // CSP knows neither `null` nor hosts of other schemes as sources.
    return ["'self'", ...[...this.#allowed].filter((origin) => /^https?:/.test(origin))].join(' ');
  }

  /** For REST: answers preflights, and refuses a change that a foreign page asks for. */
  readonly middleware: Middleware = (request, response, next) => {
    this.setHeaders(request, response);
    const isPreflight =
      request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;

    if (isPreflight) this.#answerPreflight(request, response);
    else if (SAFE_METHODS.has(request.method ?? '') || this.allows(request)) next();
    else this.#refuse(request, response);
  };

  #refuse(request: IncomingMessage, response: ServerResponse): void {
    this.note(request, 'http');
    refuseRequest(response, refusals.origin);
  }

  #answerPreflight(request: IncomingMessage, response: ServerResponse): void {
    if (!this.allows(request)) return this.#refuse(request, response);
    response
      .writeHead(204, {
        'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
        'Access-Control-Max-Age': '600',
      })
      .end();
  }
}

/** What `Proxies` looks at. */
export function forwarded(request: IncomingMessage): Forwarded {
  return {
    headers: request.headers,
    remoteAddress: request.socket.remoteAddress,
    isEncrypted: 'encrypted' in request.socket && request.socket.encrypted === true,
  };
}

function namedOrigin(text: string): string {
  const origin = serializedOrigin(text);
  if (origin !== undefined) return origin;
  throw new TypeError(`${JSON.stringify(text)} is no origin such as https://example.org; patterns are none.`);
}
