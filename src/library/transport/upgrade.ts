import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type Server, type ServerOptions } from 'ws';
import { hasBody } from './body-arrival.js';
import { plainEnvelope } from './envelope.js';
import { leaveToOthers } from './foreign-upgrade.js';
import { ignoreUpgrade } from './ignored-upgrade.js';
import { forwarded, type Origins } from './origins.js';
import type { Proxies } from './proxies.js';
import { refuseUpgrade, refusals, type HttpRefusal } from './refusal.js';
import { pathOf } from './request-path.js';
import type { TransportServices } from './services.js';
import { sockJsEnvelope } from './sockjs-envelope.js';
import { WebSocketBatch } from './websocket-batch.js';
import { StompWebSocket, WebSocketWire, type AcceptedSocket } from './websocket.js';

export interface UpgradeOptions extends TransportServices {
  readonly origins: Origins;
  readonly proxies: Proxies;
  readonly paths: Paths;
  /** More ways in, each for origins of its own. */
  readonly endpoints?: readonly Endpoint[];
  /** Chooses the subprotocol to answer with from those that a client offers. */
  readonly chooseSubprotocol: (offered: Iterable<string>) => string | undefined;
}

export interface Paths {
  /** SockJS, such as `/ws`; a plain WebSocket may use it too. */
  readonly sockJs: string;
  /** WebSocket alone, such as `/stomp`. */
  readonly webSocket: string;
}

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
  readonly #plain: WebSocketBatch;
  readonly #sockJs: WebSocketBatch;
  #isDraining = false;

  constructor(
    private readonly httpServer: HttpServer,
    private readonly options: UpgradeOptions,
  ) {
    this.#server = new WebSocketServer<typeof StompWebSocket>(serverOptions(options));
    this.#plain = new WebSocketBatch(plainEnvelope(options.limits.pingMs));
    this.#sockJs = new WebSocketBatch(sockJsEnvelope(options.limits.sockjsHeartbeatMs));
    const { paths, origins, endpoints = [] } = options;
    this.#endpoints = [{ ...paths, origins }, ...endpoints];
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
    else if (entrance) this.#upgrade(request, { socket, head, batch: entrance.batch, remoteAddress });
  }

  #entranceOf(request: IncomingMessage): Entrance | 'others' | undefined {
    const path = pathOf(request);
    if (path === undefined) return undefined;
    const entrance = this.#entranceAt(path);
    if (entrance || this.#isBelowSockJs(path)) return entrance;
    return this.httpServer.listenerCount('upgrade') > OWN_LISTENERS ? 'others' : undefined;
  }

  #entranceAt(path: string): Entrance | undefined {
    for (const { sockJs, webSocket, origins } of this.#endpoints) {
      if (path === webSocket || path === sockJs || path === `${sockJs}/websocket`) {
        return { batch: this.#plain, origins };
      }
      if (sockJs !== undefined && path.startsWith(sockJs) && SESSION.test(path.slice(sockJs.length))) {
        return { batch: this.#sockJs, origins };
      }
    }
    return undefined;
  }

  #refusalOf(
    request: IncomingMessage,
    entrance: Entrance | 'others' | undefined,
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

  #upgrade(request: IncomingMessage, { socket, head, batch, remoteAddress }: Upgrade): void {
    const { options } = this;
    let isAccepted = false;
    // The callback holds on to nothing of the request: ten thousand idle sockets would keep their headers.
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      isAccepted = true;
      accept({ webSocket, socket, batch, remoteAddress }, options);
    });
    // `ws` has answered what is no handshake.
    if (!isAccepted) options.refused?.add('websocket', { code: 'invalid_request' });
  }
}

/** The one of the constructor. */
const OWN_LISTENERS = 1;

/** SockJS protocol: the server and session segments hold no dot. */
const SESSION = /^\/[^/.]{1,255}\/[^/.]{1,255}\/websocket$/;

/** Node's types don't know it yet. */
type AskingServer = HttpServer & { shouldUpgradeCallback: unknown };

/** Where an upgrade leads, and whose pages may take it. */
interface Entrance {
  readonly batch: WebSocketBatch;
  readonly origins: Origins;
}

interface OfferedUpgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly tellOthers: () => void;
}

interface Upgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly batch: WebSocketBatch;
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

function serverOptions({ limits, chooseSubprotocol }: UpgradeOptions): ServerOptions<typeof StompWebSocket> {
  const options = {
    noServer: true,
    clientTracking: false,
    WebSocket: StompWebSocket,
    // Any legal frame fits in one message, also where JSON escapes double it (SockJS).
    maxPayload: 2 * (limits.bodyBytes + limits.headers * limits.headerLineBytes),
    maxFragments: limits.messagePieces,
    maxBufferedChunks: limits.messagePieces,
    perMessageDeflate: false,
    // A peer that closes and then holds its socket open.
    closeTimeout: limits.closeMs,
    handleProtocols: (offered: Set<string>) => chooseSubprotocol(offered) ?? false,
  } as const;
  return options;
}

function ignore(): void {}
