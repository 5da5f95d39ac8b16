import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { forwarded, type Origins } from './origins.js';
import { discardBody, readBody } from './post-body.js';
import type { Proxies } from './proxies.js';
import { refuseRequest, refusals, type HttpRefusal } from './refusal.js';
import { pathOf } from './request-path.js';
import type { TransportServices } from './services.js';
import { markStreaming } from './streaming.js';
import { escapeScripts } from './sockjs-htmlfile.js';
import {
  readBeforeGivingUp,
  sockJsLibrary,
  type LibraryConnection,
  type LibraryHandler,
} from './sockjs-library.js';
import { messagesIn } from './sockjs-post.js';
import { SockJsWire } from './sockjs-wire.js';

/** Where SockJS is served, and for whom. */
export interface SockJsOptions extends TransportServices {
  /** Such as `/ws`. */
  readonly prefix: string;
  readonly origins: Origins;
  readonly proxies: Proxies;
}

/** Of the paths of sessions, the last segment of requests that wait for messages, and of those that bring them. */
const RECEIVING = new Set(['POST xhr', 'POST xhr_streaming', 'GET eventsource', 'GET htmlfile', 'GET jsonp']);
const SENDING = new Set(['POST xhr_send', 'POST jsonp_send']);
const PREFLIGHTS = new Set(['OPTIONS xhr', 'OPTIONS xhr_streaming', 'OPTIONS xhr_send']);

/** Below the prefix: the greeting, what a client asks first, and the pages that old browsers put in a frame. */
const PAGES = /^(GET (|\/info|\/iframe[0-9-.a-z_]*\.html)|OPTIONS \/info)$/;

/** SockJS protocol: the server and session segments hold no dot. A client's own have 3 and 8 characters. */
const SESSION = /^\/[^/.]{1,255}\/([^/.]{1,255})\/([a-z_]+)$/;

const PLAIN_TEXT = { 'Content-Type': 'text/plain; charset=UTF-8' } as const;

/** As the library takes it: it stands in a script. */
const CALLBACK = /^[\w.-]{1,32}$/;

/** Relative to the iframe page, so that it holds behind a proxy that adds a prefix. */
const CLIENT_SCRIPT = 'sockjs.min.js';

/**
 * SockJS over HTTP: the stock server behind an allow-list of origins and a cap on what is posted, and for each
 * session a wire that keeps what waits for its client. SockJS's WebSocket transport is served by `Upgrades`.
 */
export class SockJs {
  readonly #handleByLibrary: LibraryHandler;
  /** The library has one table of sessions in a process, and it is a plain object: here are the names of ours. */
  readonly #id = randomBytes(6).toString('hex');
  readonly #clientScript = readFileSync(
    createRequire(import.meta.url).resolve(`sockjs-client/dist/${CLIENT_SCRIPT}`),
  );
  /** By the session's name in the library. */
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
  }

  /** New sessions are refused from now on. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Answers requests below the prefix; false: this isn't one. What isn't named here doesn't reach the library. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const { prefix, origins } = this.options;
    const { url = '', method = '' } = request;
    if (!url.startsWith(prefix) || !['', '/', '?'].includes(url.charAt(prefix.length))) return false;

    const path = pathOf(request)?.slice(prefix.length);
    const [, session, transport = ''] = SESSION.exec(path ?? '') ?? [];
    const call = `${method} ${transport}`;
    origins.setHeaders(request, response);
    if (!origins.allows(request)) this.#refuseOrigin(request, response);
    else if (path === undefined) this.#refuse(response, refusals.notFound);
    else if (`${method} ${path}` === `GET /${CLIENT_SCRIPT}`) this.#serveClient(response);
    else if (PAGES.test(`${method} ${path}`)) this.#servePage(request, response, path);
    else if (session === undefined) this.#refuse(response, refusals.notFound);
    else if (RECEIVING.has(call)) this.#receive(request, response, { session, transport });
    else if (SENDING.has(call)) void this.#post(request, response, { session, transport });
    else if (PREFLIGHTS.has(call)) this.#delegate(request, response, `/_/_/${transport}`);
    else if (call === 'GET websocket') this.#refuse(response, refusals.webSocketOnly);
    else this.#refuse(response, refusals.notFound);
    return true;
  }

  #refuseOrigin(request: IncomingMessage, response: ServerResponse): void {
    this.options.origins.note(request, 'sockjs');
    refuseRequest(response, refusals.origin);
  }

  #refuse(response: ServerResponse, refusal: HttpRefusal): void {
    this.options.refused?.add('sockjs', refusal);
    refuseRequest(response, refusal);
  }

  #serveClient(response: ServerResponse): void {
    response
      .writeHead(200, { 'Content-Type': 'text/javascript; charset=UTF-8', 'Cache-Control': 'max-age=3600' })
      .end(this.#clientScript);
  }

  /** `/info` and the iframe pages. */
  #servePage(request: IncomingMessage, response: ServerResponse, path: string): void {
    // A page in our iframe speaks with our origin: only those that may speak to us may have one.
    response.setHeader('Content-Security-Policy', `frame-ancestors ${this.options.origins.frameAncestors}`);
    this.#delegate(request, response, path);
  }

  #receive(request: IncomingMessage, response: ServerResponse, { session, transport }: Place): void {
    const name = this.#nameOf(session);
    const wire = this.#wires.get(name);
    const callback = callbackOf(request);
    const needsCallback = transport === 'jsonp' || transport === 'htmlfile';
    const refusal =
      needsCallback && callback === undefined
        ? refusals.callback
        : wire
          ? undefined
          : this.#refusalOfNew(request);
    if (refusal) return this.#refuse(response, refusal);

    markStreaming(response);
    escapeScripts(response);
    // Without it nginx keeps the bytes of a response that goes on until there are some KiB of them.
    response.setHeader('X-Accel-Buffering', 'no');
    wire?.prepare();
    this.#delegate(request, response, `/_/${name}/${transport}${needsCallback ? `?c=${callback}` : ''}`);
    if (wire) {
      wire.attach(response);
    } else if (response.statusCode === 200 && !this.#opening.has(name)) {
      this.#opening.set(name, response);
      response.once('close', () => this.#opening.delete(name));
    }
  }

  #refusalOfNew(request: IncomingMessage): HttpRefusal | undefined {
    const { connections, proxies } = this.options;
    if (this.#isDraining) return refusals.draining;
    if (!connections.hasPlaceFor(proxies.addressOf(forwarded(request)))) return refusals.tooMany;
    return undefined;
  }

  #open(connection: LibraryConnection): void {
    const { connections, proxies, report } = this.options;
    const name = connection.pathname.split('/').at(-2) ?? '';
    const response = this.#opening.get(name);
    // The library passes some headers on, and `Forwarded` isn't among them.
    const remoteAddress = proxies.addressOf(response ? forwarded(response.req) : connection);
    readBeforeGivingUp(connection);
    try {
      const wire = new SockJsWire(connection, remoteAddress, this.options);
      this.#wires.set(name, wire);
      connections.add(wire, remoteAddress);
      connection.on('close', () => {
        this.#wires.delete(name);
        connections.delete(wire, remoteAddress);
      });
      if (response) wire.attach(response);
    } catch (error) {
      report(error);
      connection.close(1011, 'internal_error');
    }
    this.#opening.delete(name);
  }

  async #post(
    request: IncomingMessage,
    response: ServerResponse,
    { session, transport }: Place,
  ): Promise<void> {
    const { limits } = this.options;
    const wire = this.#wires.get(this.#nameOf(session));
    const limitBytes = wire?.postBytes ?? limits.sockjsPostBytes;
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
      return this.#refusePost(request, response, refusals.tooLarge);
    }
    if (!wire) return this.#refusePost(request, response, refusals.notFound);

    const body = await readBody(request, limitBytes, wire);
    if (body === undefined) return;
    if (!(body instanceof Uint8Array)) {
      if (body === refusals.tooFast) wire.refuseTooFast();
      return this.#refusePost(request, response, body);
    }
    wire.release(body.byteLength);
    const messages = messagesIn(body, request.headers['content-type']);
    if (!messages) return this.#refuse(response, refusals.payload);
    if (transport === 'xhr_send') response.writeHead(204, PLAIN_TEXT).end();
    else response.writeHead(200, PLAIN_TEXT).end('ok');
    wire.takePost(messages);
  }

  #refusePost(request: IncomingMessage, response: ServerResponse, refusal: HttpRefusal): void {
    discardBody(request, 2 * this.options.limits.sockjsPostBytes);
    refuseRequest(response, refusal);
  }

  /** What the client wrote stays here: another session could have its name in the library. */
  #nameOf(session: string): string {
    return `${this.#id}-${Buffer.from(session).toString('base64url')}`;
  }

  /** @param path below the prefix, as the library is to read it: it parses URLs in its own way */
  #delegate(request: IncomingMessage, response: ServerResponse, path: string): void {
    keepOwnCors(response);
    request.url = this.options.prefix + path;
    this.#handleByLibrary(request, response);
  }
}

/** Where a session's request goes. */
interface Place {
  readonly session: string;
  readonly transport: string;
}

function callbackOf({ url = '' }: IncomingMessage): string | undefined {
  const query = new URLSearchParams(url.split('?')[1]);
  const callback = query.get('c') ?? query.get('callback');
  return callback !== null && CALLBACK.test(callback) ? callback : undefined;
}

/** CORS is said by `Origins`: the library would let every origin in, and answer `*` to none. */
function keepOwnCors(response: ServerResponse): void {
  const setHeader = response.setHeader.bind(response);
  response.setHeader = (name, value) =>
    /^(access-control-allow-(origin|credentials|headers)|vary)$/i.test(name)
      ? response
      : setHeader(name, value);
}
