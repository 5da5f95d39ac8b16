import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { forwarded, type Origins } from './origins.js';
import { discardBody, readBody } from './post-body.js';
import type { Proxies } from './proxies.js';
import { refuseRequest, refusals, type Refusal } from './refusal.js';
import { pathOf } from './request-path.js';
import type { TransportServices } from './services.js';
import { markStreaming } from './streaming.js';
import { escapeScripts } from './sockjs-htmlfile.js';
import {
  readBeforeGivingUp,
  sockJsLibrary,
  type LibraryConnection,
  type LibraryHandler,
  type ReplayedRequest,
} from './sockjs-library.js';
import { SockJsWire } from './sockjs-wire.js';

export interface SockJsOptions extends TransportServices {
  /** Such as `/ws`. */
  readonly prefix: string;
  readonly origins: Origins;
  readonly proxies: Proxies;
}

/** Last segments of the paths of requests that wait for messages, and of those that bring them. */
const RECEIVING = new Set(['xhr', 'xhr_streaming', 'eventsource', 'htmlfile', 'jsonp']);
const SENDING = new Set(['xhr_send', 'jsonp_send']);

/** Relative to the iframe page, so that it holds behind a proxy that adds a prefix. */
const CLIENT_SCRIPT = 'sockjs.min.js';

/**
 * SockJS over HTTP: the stock server behind an allow-list of origins and a cap on what is posted, and for each
 * session a wire that keeps what waits for its client. SockJS's WebSocket transport is served by `Upgrades`.
 */
export class SockJs {
  readonly #handleByLibrary: LibraryHandler;
  readonly #session: RegExp;
  readonly #clientScript = readFileSync(
    createRequire(import.meta.url).resolve(`sockjs-client/dist/${CLIENT_SCRIPT}`),
  );
  /** By the session segment of the path, as the library keys its sessions. */
  readonly #wires = new Map<string, SockJsWire>();
  /** First responses of sessions that the library is about to announce. */
  readonly #opening = new Map<string, ServerResponse>();
  #isDraining = false;

  constructor(private readonly options: SockJsOptions) {
    const { prefix, limits } = options;
    const library = sockJsLibrary({
      prefix,
      sockjs_url: CLIENT_SCRIPT,
      heartbeat_delay: limits.sockjsHeartbeatMs,
      disconnect_delay: limits.sockjsDisconnectMs,
      response_limit: limits.sockjsResponseBytes,
    });
    library.on('connection', (connection) => this.#open(connection));
    this.#handleByLibrary = library.middleware();
    // SockJS protocol: the server and session segments hold no dot.
    this.#session = new RegExp(`^${prefix}/[^/.]+/([^/.]+)/([a-z_]+)$`);
  }

  /** New sessions are refused from now on. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Answers requests below the prefix; false: this isn't one. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const { prefix, origins } = this.options;
    const path = pathOf(request);
    if (path !== prefix && !path.startsWith(`${prefix}/`)) return false;

    origins.setHeaders(request, response);
    const [, session, transport] = this.#session.exec(path) ?? [];
    if (!origins.allows(request)) refuseRequest(response, refusals.origin);
    else if (path === `${prefix}/${CLIENT_SCRIPT}`) this.#serveClient(response);
    else if (session === undefined || transport === undefined) this.#servePage(request, response);
    else if (request.method === 'OPTIONS') this.#delegate(request, response);
    else if (RECEIVING.has(transport)) this.#receive(request, response, session);
    else if (SENDING.has(transport) && request.method === 'POST') void this.#post(request, response, session);
    else this.#delegate(request, response);
    return true;
  }

  #serveClient(response: ServerResponse): void {
    response
      .writeHead(200, { 'Content-Type': 'text/javascript; charset=UTF-8', 'Cache-Control': 'max-age=3600' })
      .end(this.#clientScript);
  }

  /** `/info` and the iframe pages. */
  #servePage(request: IncomingMessage, response: ServerResponse): void {
    // A page in our iframe speaks with our origin: only those that may speak to us may have one.
    response.setHeader('Content-Security-Policy', `frame-ancestors ${this.options.origins.frameAncestors}`);
    this.#delegate(request, response);
  }

  #receive(request: IncomingMessage, response: ServerResponse, session: string): void {
    const wire = this.#wires.get(session);
    const refusal = wire ? undefined : this.#refusalOfNew(request);
    if (refusal) return refuseRequest(response, refusal);

    markStreaming(response);
    escapeScripts(response);
    // Without it nginx keeps the bytes of a response that goes on until there are some KiB of them.
    response.setHeader('X-Accel-Buffering', 'no');
    wire?.prepare();
    this.#delegate(request, response);
    if (wire) {
      wire.attach(response);
    } else if (response.statusCode === 200 && !this.#opening.has(session)) {
      this.#opening.set(session, response);
      response.once('close', () => this.#opening.delete(session));
    }
  }

  #refusalOfNew(request: IncomingMessage): Refusal | undefined {
    const { connections, proxies } = this.options;
    if (this.#isDraining) return refusals.draining;
    if (!connections.hasPlaceFor(proxies.addressOf(forwarded(request)))) return refusals.tooMany;
    return undefined;
  }

  #open(connection: LibraryConnection): void {
    const { connections, proxies, report } = this.options;
    const [, session = ''] = this.#session.exec(connection.pathname) ?? [];
    const remoteAddress = proxies.addressOf(connection);
    readBeforeGivingUp(connection);
    try {
      const wire = new SockJsWire(connection, remoteAddress, this.options);
      this.#wires.set(session, wire);
      connections.add(wire, remoteAddress);
      connection.on('close', () => {
        this.#wires.delete(session);
        connections.delete(wire, remoteAddress);
      });
      const response = this.#opening.get(session);
      if (response) wire.attach(response);
    } catch (error) {
      report(error);
      connection.close(1011, 'internal_error');
    }
    this.#opening.delete(session);
  }

  async #post(request: IncomingMessage, response: ServerResponse, session: string): Promise<void> {
    const { limits } = this.options;
    const wire = this.#wires.get(session);
    if (Number(request.headers['content-length'] ?? 0) > limits.sockjsPostBytes) {
      return this.#refusePost(request, response, refusals.tooLarge);
    }
    if (!wire) return this.#refusePost(request, response, refusals.notFound);

    const body = await readBody(request, limits.sockjsPostBytes, wire);
    if (body === undefined) return;
    if (body instanceof Uint8Array) {
      wire.release(body.byteLength);
      wire.takePost(() => this.#replay(request, response, body));
    } else {
      if (body === refusals.tooFast) wire.refuseTooFast();
      this.#refusePost(request, response, body);
    }
  }

  #refusePost(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
    discardBody(request, 2 * this.options.limits.sockjsPostBytes);
    refuseRequest(response, refusal);
  }

  /** The library copies all that it has of a body for each piece that comes; so it gets it in one. */
  #replay({ method, url, headers }: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const request: ReplayedRequest = Object.assign(new EventEmitter(), { method, url, headers });
    this.#delegate(request, response);
    request.emit('data', body);
    request.emit('end');
  }

  #delegate(request: IncomingMessage | ReplayedRequest, response: ServerResponse): void {
    keepOwnCors(response);
    this.#handleByLibrary(request, response);
  }
}

/** CORS is said by `Origins`: the library would let every origin in, and answer `*` to none. */
function keepOwnCors(response: ServerResponse): void {
  const setHeader = response.setHeader.bind(response);
  response.setHeader = (name, value) =>
    /^(access-control-allow-(origin|credentials|headers)|vary)$/i.test(name)
      ? response
      : setHeader(name, value);
}
