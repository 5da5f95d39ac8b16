import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server as TlsServer, TLSSocket } from 'node:tls';
import type { Clock } from '../broker/clock.js';
import { Slices } from '../broker/slices.js';
import type { Limits } from '../limits.js';
import { networkOf } from '../network.js';
import { Shares } from '../shares.js';
import { hasBody, isComingUnread, watchBody, WHOLE } from './body-arrival.js';
import type { Connections } from './connections.js';
import type { Descriptors } from './descriptors.js';
import { OpenAnswers } from './open-answers.js';
import { forwarded } from './origins.js';
import { ParsingTime } from './parsing-time.js';
import { Pipeline } from './pipeline.js';
import { PlainSockets } from './plain-sockets.js';
import type { Proxies } from './proxies.js';
import { refuseRequest, refusals, tooManyRequests } from './refusal.js';
import type { Refused } from './refused.js';
import type { SecureSockets } from './secure-sockets.js';
import { STREAMING } from './streaming.js';
import type { Upgrades } from './upgrade.js';

/** What the gate before all requests needs. */
export interface RequestGateOptions {
  readonly proxies: Proxies;
  readonly connections: Connections;
  readonly descriptors: Descriptors;
  readonly upgrades: Pick<Upgrades, 'take'>;
  readonly clock: Clock;
  readonly refused?: Refused;
  /** All that comes to the server speaks TLS first. Default: what it does is the server's. */
  readonly secure?: Pick<SecureSockets, 'open'> | undefined;
  /** Where the time of sessions is shared: a request shortens their slices. */
  readonly slices?: Pick<Slices, 'attend'>;
  readonly limits: Pick<
    Limits,
    | 'requests'
    | 'requestsPerAddress'
    | 'requestsWaiting'
    | 'requestPlaceMs'
    | 'requestTurnMs'
    | 'requestParseMs'
    | 'requestBodies'
    | 'requestBodiesPerAddress'
    | 'requestBodyRate'
    | 'connectionsPerAddress'
    | 'answerStallMs'
    | 'lingerBytes'
    | 'bodyPieces'
  >;
}

/**
 * What stands before all listeners of an HTTP server. Of each socket one request is handled at a time, of each network so
 * many; the others wait for their turn. A stream isn't counted any more once it has begun, and a request whose body is
 * still coming isn't counted yet. What all of them take of one turn of the event loop has its bound, too.
 */
export class RequestGate {
  readonly #visits = new WeakMap<Duplex, Visit>();
  /** Requests that are there as a whole. */
  readonly #turns: Shares;
  /** Those whose body is read as it comes, which takes as long as their clients like. */
  readonly #bodies: Shares;
  readonly #slices: Slices;
  readonly #parsing: ParsingTime;
  #proxied = 0;
  #isDraining = false;
  readonly #sockets: PlainSockets;
  readonly #answers: OpenAnswers;
  readonly #options: RequestGateOptions;

  constructor(options: RequestGateOptions) {
    const { connections, clock, limits } = options;
    this.#options = options;
    const shared = {
      waiting: Infinity,
      waitingPerKey: limits.requestsWaiting,
      now: () => clock.monotonic(),
    };
    const { requests, requestsPerAddress, requestBodies, requestBodiesPerAddress } = limits;
    this.#turns = new Shares({ ...shared, places: requests, placesPerKey: requestsPerAddress });
    this.#bodies = new Shares({ ...shared, places: requestBodies, placesPerKey: requestBodiesPerAddress });
    this.#slices = new Slices(clock, { turnMs: limits.requestTurnMs });
    this.#parsing = new ParsingTime(clock, limits);
    this.#sockets = new PlainSockets(limits.connectionsPerAddress, (network) => connections.countOf(network));
    this.#answers = new OpenAnswers(clock, limits);
  }

  guard(server: Server): void {
    const tell = server.emit.bind(server) as Tell;
    // In place of a listener: those that others have, or will have, must not hear of a request before its turn.
    server.emit = ((event: string, ...about: readonly unknown[]) => {
      switch (event) {
        case 'request':
        case 'checkContinue':
        case 'checkExpectation': {
          const [request, response] = about as readonly [IncomingMessage, ServerResponse];
          this.#request(request, response, () => void tell(event, request, response));
          return true;
        }
        case 'upgrade': {
          const [request, socket, head] = about as readonly [IncomingMessage, Duplex, Buffer];
          this.#upgrade(request, {
            socket,
            head,
            take: (unread) => {
              const tellOthers = (): void => void tell(event, request, socket, unread);
              this.#options.upgrades.take(request, { socket, head: unread, tellOthers });
            },
          });
          return true;
        }
        case 'connection': {
          const socket = about[0] as Socket;
          const { secure } = this.#options;
          if (secure && !(socket instanceof TLSSocket)) this.openSecure(server, socket, secure);
          else if (this.#admits(socket)) return tell(event, ...about);
          return true;
        }
        default:
          return tell(event, ...about);
      }
    }) as Server['emit'];
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#open(socket);
    });
  }

  /** From now on each answer says that its socket closes: a proxy's next request goes to another node. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Takes a socket that speaks TLS first; then it is the server's, as if it had come to it. */
  openSecure(server: Server, socket: Socket, secure: Pick<SecureSockets, 'open'>): void {
    if (!this.#admits(socket)) return;
    secure.open(socket, (opened) => {
      this.#options.descriptors.know(opened);
      server.emit('connection', opened);
    });
  }

  /** Before a byte of it is read, also of TLS. One that comes back, since its upgrade was ignored, is there already. */
  #admits(socket: Socket): boolean {
    const { proxies, descriptors, refused } = this.#options;
    if (descriptors.has(socket)) return true;
    const { remoteAddress = '' } = socket;
    const network = proxies.isProxy(remoteAddress) ? undefined : networkOf(remoteAddress);
    const hasPlace =
      descriptors.hasPlaceFor(network) || (network !== undefined && this.#sockets.closeSilent(network));
    if (hasPlace) descriptors.add(socket, network);
    else {
      refused?.add('http', refusals.tooMany);
      socket.destroy();
    }
    return hasPlace;
  }

  /** Also for a socket that comes back, since its upgrade was ignored. */
  #open(socket: Duplex): Visit {
    const { clock, limits, proxies } = this.#options;
    const { remoteAddress = '' } = socket as Partial<Pick<Socket, 'remoteAddress'>>;
    const network = networkOf(remoteAddress);
    // Behind a proxy sockets are the proxy's, however many clients share them.
    const isProxy = proxies.isProxy(remoteAddress);
    const sockets = isProxy ? undefined : this.#sockets;
    const payer = isProxy ? `proxied ${++this.#proxied}` : network;
    const visit: Visit = {
      pipeline: new Pipeline(socket, {
        ...limits,
        clock,
        slices: this.#slices,
        owner: network,
        parsing: this.#parsing,
        payer,
      }),
      network,
      sockets,
      leave: () => sockets?.delete(socket, network),
      response: undefined,
    };
    this.#visits.set(socket, visit);
    sockets?.add(socket, network);
    socket.once('close', visit.leave);
    return visit;
  }

  #request(request: IncomingMessage, response: ServerResponse, tell: () => void): void {
    const visit = this.#visits.get(request.socket) ?? this.#open(request.socket);
    if (hasBody(request)) watchBody(request, this.#options.limits);
    visit.pipeline.enter(request, (done) => {
      const handled = { request, response, visit, tell, done };
      // Node itself may have answered one before it, and that answer is still leaving.
      if (response.socket) this.#handle(handled);
      else response.once('socket', () => this.#handle(handled));
    });
  }

  #handle(handled: Handled): void {
    const { request, response, visit, done } = handled;
    const { socket } = request;
    visit.response = response;
    if (this.#isDraining) response.shouldKeepAlive = false;
    response.once('close', () => {
      visit.response = undefined;
      if (!socket.destroyed) visit.sockets?.isSilent(socket, visit.network);
      done();
    });
    // A place isn't taken for as long as a client likes.
    if (isComingUnread(request)) request.once(WHOLE, () => this.#take(handled));
    else this.#take(handled);
  }

  #take({ request, response, visit, tell }: Handled): void {
    const { socket } = request;
    let turn: ReturnType<Shares['take']> | undefined;
    let release = (): void => undefined;
    visit.sockets?.speaks(socket, visit.network);
    response.once('close', () => {
      this.#answers.delete(response);
      if (typeof turn === 'object') turn.leave();
      release();
    });

    const network = this.#networkOf(request, visit);
    const begin = (): void => {
      if (response.closed) return;
      this.#options.slices?.attend(network);
      const since = { ms: this.#options.clock.monotonic(), bytes: socket.bytesRead };
      this.#answers.add(response, () => {
        if (request.complete) release();
        else this.#hurry(request, since);
      });
      response.once(STREAMING, () => {
        this.#answers.delete(response);
        // What lives on the socket now is counted by itself.
        visit.sockets?.delete(socket, visit.network);
        release();
      });
      this.#parsing.except(tell);
    };
    // As where it was parsed: not in the context of the request that has left it its place.
    let context: AsyncResource | undefined;
    const inContext = (): void => {
      if (context) context.runInAsyncScope(begin);
      else begin();
    };
    const places = hasBody(request) && !request.complete ? this.#bodies : this.#turns;
    turn = places.take(network, (giveBack) => {
      release = giveBack;
      if (!this.#slices.isOver && !this.#slices.isWaiting(network)) return inContext();
      context ??= new AsyncResource('CarillonRequest');
      this.#slices.later(network, inContext);
    });
    if (turn === 'refused') this.#refuse(response, places.waitMs(network));
    else if (turn !== 'begun') context = new AsyncResource('CarillonRequest');
  }

  /** Cuts a body for whose place others wait, and that comes by and by though it is read. */
  #hurry(request: IncomingMessage, since: { readonly ms: number; readonly bytes: number }): void {
    if (this.#bodies.waiting === 0 || request.readableLength > 0) return;
    const seconds = (this.#options.clock.monotonic() - since.ms) / 1_000;
    const bytes = request.socket.bytesRead - since.bytes;
    if (bytes < seconds * this.#options.limits.requestBodyRate) request.socket.destroy();
  }

  #refuse(response: ServerResponse, waitMs: number): void {
    const refusal = tooManyRequests(waitMs);
    this.#options.refused?.add('http', refusal);
    refuseRequest(response, refusal);
  }

  /** Node has let go of the socket, whatever it has still to answer there; the upgrade waits for that. */
  #upgrade(request: IncomingMessage, { socket, head, take }: Upgrade): void {
    const visit = this.#visits.get(socket);
    if (!visit) return take(head);
    visit.leave();
    socket.off('close', visit.leave);
    this.#visits.delete(socket);
    const rest = visit.pipeline.handOver();
    const unread = rest.length === 0 ? head : Buffer.concat([head, rest]);
    if (visit.pipeline.isIdle) return take(unread);

    // A reset that nobody hears of would end the process.
    socket.on('error', ignore);
    const drained = (): void => void visit.response?.emit('drain');
    socket.on('drain', drained);
    visit.pipeline.enter(request, () => {
      socket.off('drain', drained);
      take(unread);
      socket.off('error', ignore);
    });
  }

  #networkOf(request: IncomingMessage, { network }: Visit): string {
    const { headers } = request;
    if (headers['x-forwarded-for'] === undefined && headers.forwarded === undefined) return network;
    return networkOf(this.#options.proxies.addressOf(forwarded(request)));
  }
}

/** A socket that is open for requests. */
interface Visit {
  readonly pipeline: Pipeline;
  /** Of the socket, which may be a proxy's. */
  readonly network: string;
  /** Where it is counted, if it is. */
  readonly sockets: PlainSockets | undefined;
  readonly leave: () => void;
  /** Of the request that is being handled. */
  response: ServerResponse | undefined;
}

interface Handled {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly visit: Visit;
  /** Hands it to the server's listeners. */
  readonly tell: () => void;
  /** Lets the next request of its socket be handled. */
  readonly done: () => void;
}

interface Upgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Its turn has come, with all that was read after it. */
  readonly take: (unread: Buffer) => void;
}

type Tell = (event: string, ...about: readonly unknown[]) => boolean;

function ignore(): void {}
