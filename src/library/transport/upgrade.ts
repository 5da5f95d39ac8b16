import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type Server, type ServerOptions } from 'ws';
import type { Arrival } from '../session/ports.js';
import { hasBody } from './body-arrival.js';
import { deflate } from './deflate.js';
import type { EngineIo } from './engine-io.js';
import { plainEnvelope, WebSocketBatch } from './envelope.js';
import { leaveToOthers } from './foreign-upgrade.js';
import { ignoreUpgrade } from './ignored-upgrade.js';
import { forwarded, type Origins } from './origins.js';
import type { Proxies } from './proxies.js';
import { refuseUpgrade, refusals, type HttpRefusal } from './refusal.js';
import { pathOf } from './request-path.js';
import type { OtherSockets, TransportServices } from './services.js';
import { sockJsEnvelope } from './sockjs-envelope.js';
import { StompWebSocket, WebSocketWire, type AcceptedSocket } from './websocket.js';

/** Which upgrades are taken, and for whom. */
export interface UpgradeOptions extends TransportServices {
  readonly origins: Origins;
  readonly proxies: Proxies;
  readonly paths: Paths;
  /** permessage-deflate, for clients that offer it. Default false. */
  readonly compression?: boolean | undefined;
  /** More ways in, each for origins of its own. */
  readonly endpoints?: readonly Endpoint[];
  /** Those that don't speak STOMP, for the origins of `origins`. */
  readonly otherSockets?: readonly OtherSockets[];
  /** Those of Engine.IO, which take their upgrades themselves. */
  readonly engines?: readonly EngineIo[];
  /** Chooses the subprotocol to answer with from those that a client offers. */
  readonly chooseSubprotocol: (offered: Iterable<string>) => string | undefined;
}

/** The paths of the two ways in. */
export interface Paths {
  /** SockJS, such as `/ws`; a plain WebSocket may use it too. */
  readonly sockJs: string;
  /** WebSocket alone, such as `/stomp`. */
  readonly webSocket: string;
}

/** Further paths, for origins of their own. */
export interface Endpoint {
  readonly sockJs?: string | undefined;
  readonly webSocket?: string | undefined;
  readonly origins: Origins;
}

/**
 * Hears of every upgrade first: who may, and which WebSocket it becomes. What is at none of our paths is left to the
 * server's other listeners for 'upgrade'. They don't hear of ours, since some of them end what they don't know.
 */
export class Upgrades {
  readonly #server: Server<typeof StompWebSocket>;
  readonly #endpoints: readonly Endpoint[];
  readonly #others: ReadonlyMap<string, Entrance>;
  readonly #below: readonly (Pick<OtherSockets, 'path'> & Required<Pick<OtherSockets, 'isBelow'>>)[];
  readonly #plain: WebSocketBatch;
  readonly #sockJs: WebSocketBatch;
  #isDraining = false;

  constructor(
    private readonly httpServer: HttpServer,
    private readonly options: UpgradeOptions,
  ) {
    this.#server = stompServer(options);
    this.#plain = new WebSocketBatch(plainEnvelope(options.limits.pingMs));
    this.#sockJs = new WebSocketBatch(sockJsEnvelope(options.limits.sockjsHeartbeatMs));
    const { paths, origins, endpoints = [], otherSockets = [] } = options;
    this.#endpoints = [{ ...paths, origins }, ...endpoints];
    this.#others = new Map(otherSockets.map((sockets) => [sockets.path, entranceOf(sockets, options)]));
    this.#below = otherSockets.flatMap(({ path, isBelow }) => (isBelow ? [{ path, isBelow }] : []));
    // Node hands upgrades over only where somebody listens; `take` gets them in place of this listener.
    httpServer.on('upgrade', ignore);
    if ('shouldUpgradeCallback' in httpServer) this.#ignoreWithBody(httpServer);
  }

  /**
   * Since 24.9 Node asks what is an upgrade, and hands one with a body over before that has come, when it can't be put back.
   * It goes on as a request; and it is the last of its socket, for Node's parser drops what follows it in the same piece.
   */
  #ignoreWithBody(httpServer: AskingServer): void {
    const isIgnored = (request: IncomingMessage): boolean =>
      request.headers.upgrade !== undefined && !isForWebSocket(request) && hasBody(request);
    httpServer.shouldUpgradeCallback = (request: IncomingMessage) => !isIgnored(request);
    httpServer.prependListener('request', (request, response) => {
      if (isIgnored(request)) response.setHeader('Connection', 'close');
    });
  }

  /** New ones are refused from now on. */
  drain(): void {
    this.#isDraining = true;
  }

  /** @param tellOthers calls the server's listeners for 'upgrade' */
  take(request: IncomingMessage, { socket, head, tellOthers }: OfferedUpgrade): void {
    // Before anything else: a reset with no listener would end the process. What follows is its 'close'.
    if (!socket.listeners('error').includes(ignore)) socket.on('error', ignore);
    if (!isForWebSocket(request)) return ignoreUpgrade(this.httpServer, request, { socket, head });

    const { options } = this;
    const remoteAddress = options.proxies.addressOf(forwarded(request));
    const entrance = this.#entranceOf(request);
    const refusal = this.#refusalOf(request, entrance, remoteAddress);
    if (refusal) {
      if (refusal === refusals.origin && entrance !== 'others') entrance?.origins.note(request, 'websocket');
      else options.refused?.add('websocket', refusal);
      return refuseUpgrade(socket, refusal);
    }
    // Half-open connections of clients that beat no heart; the kernel asks.
    request.socket.setKeepAlive(true, options.limits.tcpKeepAliveMs);
    if (entrance === 'others') leaveToOthers(request.socket, { ...options, remoteAddress, tellOthers });
    else if (entrance && 'upgrade' in entrance) entrance.upgrade(request, { socket, head, remoteAddress });
    else if (entrance) this.#upgrade(request, { socket, head, entrance, remoteAddress });
  }

  #entranceOf(request: IncomingMessage): Entrance | EngineIo | 'others' | undefined {
    const path = pathOf(request);
    if (path === undefined) return undefined;
    const entrance = this.#entranceAt(path);
    if (entrance || this.#isBelowSockJs(path)) return entrance;
    return this.#hasOthers(request) ? 'others' : undefined;
  }

  /** Whether somebody else may know the path: another listener, or another broker on this server that wasn't asked yet. */
  #hasOthers(request: IncomingMessage): boolean {
    const listeners = this.httpServer.listeners('upgrade');
    if (listeners.some((listener) => listener !== ignore)) return true;
    const asked = (brokersAsked.get(request) ?? 0) + 1;
    brokersAsked.set(request, asked);
    return asked < listeners.length;
  }

  #entranceAt(path: string): Entrance | EngineIo | undefined {
    for (const { sockJs, webSocket, origins } of this.#endpoints) {
      if (path === webSocket || path === sockJs || path === `${sockJs}/websocket`) {
        return { batch: this.#plain, origins };
      }
      if (sockJs !== undefined && path.startsWith(sockJs) && SESSION.test(path.slice(sockJs.length))) {
        return { batch: this.#sockJs, origins };
      }
    }
    return this.#otherAt(path) ?? this.options.engines?.find((engine) => engine.path === path);
  }

  #otherAt(path: string): Entrance | undefined {
    const end = path.lastIndexOf('/');
    const [parent, segment] = [path.slice(0, end), path.slice(end + 1)];
    const below = this.#below.find((sockets) => sockets.path === parent && sockets.isBelow(segment));
    if (below) return this.#others.get(below.path);
    return this.#below.some((sockets) => sockets.path === path) ? undefined : this.#others.get(path);
  }

  #refusalOf(
    request: IncomingMessage,
    entrance: Entrance | EngineIo | 'others' | undefined,
    remoteAddress: string,
  ): HttpRefusal | undefined {
    if (!entrance) return this.#refusalAt(request);
    // What a proxy takes for a body, the reader of the socket would take for frames.
    if (hasBody(request)) return refusals.upgradeBody;
    if (entrance !== 'others' && !entrance.origins.allows(request)) return refusals.origin;
    if (entrance !== 'others' && this.#isDraining) return refusals.draining;
    if (!this.options.connections.hasPlaceFor(remoteAddress)) return refusals.tooMany;
    return undefined;
  }

  #refusalAt(request: IncomingMessage): HttpRefusal {
    if (pathOf(request) !== undefined) return refusals.notFound;
    return this.#isBelowSockJs(request.url ?? '') ? refusals.notFound : refusals.target;
  }

  #isBelowSockJs(path: string): boolean {
    return this.#endpoints.some(({ sockJs }) => path.startsWith(`${sockJs}/`));
  }

  #upgrade(request: IncomingMessage, { socket, head, entrance, remoteAddress }: Upgrade): void {
    const { options } = this;
    const { batch, server = this.#server } = entrance;
    const open = entrance.open?.(arrivalOf(request));
    let isAccepted = false;
    // The callback holds on to nothing of the request: ten thousand idle sockets would keep their headers.
    server.handleUpgrade(request, socket, head, (webSocket) => {
      isAccepted = true;
      accept({ webSocket, socket, batch, remoteAddress, open }, options);
    });
    // `ws` has answered what is no handshake.
    if (!isAccepted) options.refused?.add('websocket', { code: 'invalid_request' });
  }
}

/** How many brokers of one server were asked for the path of an upgrade. Each of them listens with `ignore`. */
const brokersAsked = new WeakMap<IncomingMessage, number>();

/** SockJS protocol: the server and session segments hold no dot. */
const SESSION = /^\/[^/.]{1,255}\/[^/.]{1,255}\/websocket$/;

/** Node's types don't know it yet. */
type AskingServer = HttpServer & { shouldUpgradeCallback: unknown };

/** Where an upgrade leads, and whose pages may take it. */
interface Entrance {
  readonly batch: WebSocketBatch;
  readonly origins: Origins;
  /** Of those that don't speak STOMP. */
  readonly server?: WebSocketServerOf;
  readonly open?: (arrival: Arrival) => TransportServices['openSession'];
}

type WebSocketServerOf = Server<typeof StompWebSocket>;

interface OfferedUpgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly tellOthers: () => void;
}

interface Upgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly entrance: Entrance;
  readonly remoteAddress: string;
}

function isForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

function accept(accepted: AcceptedSocket, services: TransportServices): void {
  const { webSocket, socket, remoteAddress } = accepted;
  // `ws` listens for it by now.
  socket.off('error', ignore);
  try {
    services.connections.add(new WebSocketWire(accepted, services), remoteAddress);
  } catch (error) {
    services.report(error);
    webSocket.terminate();
  }
}

function stompServer({ limits, compression, chooseSubprotocol }: UpgradeOptions): WebSocketServerOf {
  return webSocketServer(
    { limits, compression },
    // Any legal frame fits in one message, also where JSON escapes double it (SockJS).
    2 * (limits.bodyBytes + limits.headers * limits.headerLineBytes),
    (offered) => chooseSubprotocol(offered) ?? false,
  );
}

function entranceOf(
  { transport, messageBytes, open }: OtherSockets,
  { limits, compression, origins }: UpgradeOptions,
): Entrance {
  return {
    batch: new WebSocketBatch(plainEnvelope(limits.pingMs, transport)),
    origins,
    server: webSocketServer({ limits, compression }, messageBytes, () => false),
    open: (arrival) => (wire, remoteAddress) => open(wire, remoteAddress, arrival),
  };
}

function webSocketServer(
  { limits, compression = false }: Pick<UpgradeOptions, 'limits' | 'compression'>,
  messageBytes: number,
  handleProtocols: (offered: Set<string>) => string | false,
): WebSocketServerOf {
  const options = {
    noServer: true,
    clientTracking: false,
    WebSocket: StompWebSocket,
    maxPayload: messageBytes,
    maxFragments: limits.messagePieces,
    maxBufferedChunks: limits.messagePieces,
    perMessageDeflate: compression && deflate,
    // A peer that closes and then holds its socket open.
    closeTimeout: limits.closeMs,
    handleProtocols,
  } as const satisfies Partial<ServerOptions<typeof StompWebSocket>> & { closeTimeout: number };
  return new WebSocketServer<typeof StompWebSocket>(options);
}

function arrivalOf(request: IncomingMessage): Arrival {
  const [, query = ''] = (request.url ?? '').split('?');
  return { path: pathOf(request) ?? '', query, authorization: request.headers.authorization };
}

function ignore(): void {}
