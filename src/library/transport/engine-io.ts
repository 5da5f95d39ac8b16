import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable, type Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import {
  EngineWire,
  type EngineSocket,
  type EngineWebSocket,
  type OpenEngineConversation,
} from './engine-wire.js';
import { forwarded, type Origins } from './origins.js';
import { discardBody, readBody } from './post-body.js';
import type { Proxies } from './proxies.js';
import { refuseRequest, refuseUpgrade, refusals, type HttpRefusal } from './refusal.js';
import { pathOf } from './request-path.js';
import type { TransportServices } from './services.js';
import { markStreaming } from './streaming.js';

/** What is used of the server of the package `engine.io`. */
export interface EngineServer {
  on(event: 'connection', listener: (conn: EngineSocket) => void): unknown;
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** Sockets of Engine.IO at one path. */
export interface EngineSockets {
  /** Such as `/socket.io`. */
  readonly path: string;
  /** Begins the name of its transports, for people and metrics: `socket.io-websocket`, `socket.io-polling`. */
  readonly label: string;
  /** As `engineServer` makes it. */
  readonly engine: EngineServer;
  readonly open: OpenEngineConversation;
}

/** What `EngineIo` needs. */
export interface EngineIoOptions extends TransportServices {
  readonly sockets: EngineSockets;
  readonly origins: Origins;
  readonly proxies: Proxies;
}

/** RECORD SEPARATOR, between the packets of a post (Engine.IO protocol, HTTP long-polling). */
const SEPARATOR = 0x1e;

/** What the engine reads of a query; `t` only keeps caches away. */
const PARAMETERS = ['EIO', 'transport', 'sid'];

/**
 * Engine.IO's ways in, polling and WebSocket: the stock engine behind our check of origins, our limits of what is open and
 * of what is posted, and the drain. Upgrades come through `Upgrades`.
 */
export class EngineIo {
  /** By session id. */
  readonly #wires = new Map<string, EngineWire>();
  readonly #socketOf = new WeakMap<WebSocket, OfferedSocket>();
  #isDraining = false;

  constructor(private readonly options: EngineIoOptions) {
    options.sockets.engine.on('connection', (conn: EngineSocket) => this.#open(conn));
  }

  get path(): string {
    return this.options.sockets.path;
  }

  get origins(): Origins {
    return this.options.origins;
  }

  /** New sessions are refused from now on. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Answers requests at the path and below it; false: this isn't one. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const { origins } = this.options;
    const { url = '' } = request;
    if (!url.startsWith(this.path) || !['', '/', '?'].includes(url.charAt(this.path.length))) return false;

    const path = pathOf(request);
    if (!origins.allows(request)) this.#refuseOrigin(request, response);
    else if (path === undefined) this.#refuse(response, refusals.target);
    else if (path !== this.path) this.#refuse(response, refusals.notFound);
    else origins.middleware(request, response, () => this.#take(request, response));
    return true;
  }

  /** Takes an upgrade that may be made. */
  upgrade(request: IncomingMessage, { socket, head, remoteAddress }: AllowedUpgrade): void {
    const { connections, refused, sockets } = this.options;
    const query = queryOf(request);
    if (!query) return refuseUpgrade(socket, refusals.target);
    // Until it is a session, or one's second socket; then that is what counts.
    const leave = connections.addForeign(socket, remoteAddress);
    const asked = Object.assign(request, { _query: query }) as UpgradeRequest;
    sockets.engine.handleUpgrade(asked, socket, head);
    const { websocket: webSocket } = asked;
    // The engine has answered what is no handshake.
    if (!webSocket) return refused?.add('socket.io', { code: 'invalid_request' });
    const opened = { webSocket, socket };
    this.#socketOf.set(webSocket, { ...opened, leave });
    this.#wires.get(query.sid ?? '')?.meter(opened);
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    const query = queryOf(request);
    if (!query) return this.#refuse(response, refusals.target);
    Object.assign(request, { _query: query });
    const wire = this.#wires.get(query.sid ?? '');
    if (request.method === 'GET') return this.#get(request, response, { query, wire });
    if (request.method !== 'POST') return this.#refuse(response, refusals.pollMethod);
    if (wire) return void this.#post(request, response, wire);
    discardBody(request, this.options.limits.lingerBytes);
    this.options.sockets.engine.handleRequest(request, response);
  }

  #get(request: IncomingMessage, response: ServerResponse, { query, wire }: Asked): void {
    const refusal = query.sid === undefined ? this.#refusalOfNew(request) : undefined;
    if (refusal) return this.#refuse(response, refusal);
    if (wire) {
      markStreaming(response);
      wire.polledBy(response);
    }
    this.options.sockets.engine.handleRequest(request, response);
  }

  /** The engine is given the body when it has come: it would keep each piece, and take all packets, however many. */
  async #post(request: IncomingMessage, response: ServerResponse, wire: EngineWire): Promise<void> {
    const { limits, sockets } = this.options;
    const limitBytes = wire.postBytes;
    if (Number(request.headers['content-length'] ?? 0) > limitBytes)
      return this.#refusePost(request, response, { wire, refusal: refusals.tooLarge });
    const body = await readBody(request, limitBytes, wire);
    // What was in it nobody knows.
    if (body === undefined) return wire.cut();
    if (!(body instanceof Uint8Array)) return this.#refusePost(request, response, { wire, refusal: body });
    await wire.resumed();
    wire.release(body.byteLength);
    if (packetsIn(body) > limits.socketIoPackets)
      return this.#refusePost(request, response, { wire, refusal: refusals.tooFast });
    sockets.engine.handleRequest(again(request, body), response);
  }

  #refusePost(request: IncomingMessage, response: ServerResponse, { wire, refusal }: RefusedPost): void {
    discardBody(request, this.options.limits.lingerBytes);
    this.#refuse(response, refusal);
    wire.refuse(refusal === refusals.tooLarge ? 'frame_too_large' : 'rate_limited');
  }

  #refusalOfNew(request: IncomingMessage): HttpRefusal | undefined {
    const { connections, proxies } = this.options;
    if (this.#isDraining) return refusals.draining;
    if (!connections.hasPlaceFor(proxies.addressOf(forwarded(request)))) return refusals.tooMany;
    return undefined;
  }

  #refuseOrigin(request: IncomingMessage, response: ServerResponse): void {
    this.options.origins.setHeaders(request, response);
    this.options.origins.note(request, 'socket.io');
    refuseRequest(response, refusals.origin);
  }

  #refuse(response: ServerResponse, refusal: HttpRefusal): void {
    this.options.refused?.add('socket.io', refusal);
    refuseRequest(response, refusal);
  }

  #open(conn: EngineSocket): void {
    const { connections, proxies, report, sockets } = this.options;
    const { request } = conn;
    const { sid } = conn.transport;
    const remoteAddress = proxies.addressOf(forwarded(request));
    const { authorization } = request.headers;
    const arrival = { path: this.path, query: '', authorization };
    const offered = this.#offered(conn);
    // Ten thousand idle sessions would keep the headers of their first request.
    (conn as { request?: unknown }).request = undefined;
    try {
      const opened = { conn, label: sockets.label, remoteAddress, arrival, open: sockets.open };
      const wire: EngineWire = new EngineWire(opened, this.options, () => {
        this.#wires.delete(sid);
        connections.delete(wire, remoteAddress);
      });
      this.#wires.set(sid, wire);
      connections.add(wire, remoteAddress);
      if (offered) {
        wire.meter(offered);
        this.#begin(wire, offered);
      } else {
        conn.once('upgrade', () => {
          const upgraded = this.#offered(conn);
          if (upgraded) this.#begin(wire, upgraded);
        });
      }
    } catch (error) {
      report(error);
      conn.close(true);
    }
  }

  #begin(wire: EngineWire, offered: OfferedSocket): void {
    offered.leave();
    wire.speakOn(offered);
  }

  /** The WebSocket under a session, where it has one. */
  #offered({ transport }: EngineSocket): OfferedSocket | undefined {
    return 'socket' in transport ? this.#socketOf.get(transport.socket as WebSocket) : undefined;
  }
}

interface AllowedUpgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly remoteAddress: string;
}

interface OfferedSocket extends EngineWebSocket {
  /** It isn't counted by itself any more. */
  readonly leave: () => void;
}

type Query = Readonly<Record<string, string>>;

interface Asked {
  readonly query: Query;
  readonly wire: EngineWire | undefined;
}

interface RefusedPost {
  readonly wire: EngineWire;
  readonly refusal: HttpRefusal;
}

/** The engine puts the WebSocket there. */
type UpgradeRequest = IncomingMessage & { _query: Record<string, string>; websocket?: WebSocket };

/** Read once, for the engine too. Undefined where a parameter comes twice: two readers could take different ones. */
function queryOf({ url = '' }: IncomingMessage): Query | undefined {
  const asked = new URLSearchParams(url.split('?')[1]);
  const query: Record<string, string> = {};
  for (const name of PARAMETERS) {
    const [value, ...others] = asked.getAll(name);
    if (others.length > 0) return undefined;
    if (value !== undefined) query[name] = value;
  }
  return query;
}

function packetsIn(body: Buffer): number {
  let packets = 1;
  for (let at = body.indexOf(SEPARATOR); at >= 0; at = body.indexOf(SEPARATOR, at + 1)) packets++;
  return packets;
}

/** The request as if its body were still to come. */
function again(request: IncomingMessage, body: Buffer): IncomingMessage {
  const { method, url, headers, socket } = request;
  const { _query } = request as UpgradeRequest;
  return Object.assign(Readable.from(body.byteLength > 0 ? [body] : []), {
    ...{ method, url, headers, socket, connection: socket, _query },
  }) as unknown as IncomingMessage;
}
