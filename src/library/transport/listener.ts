import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import type { Slices } from '../broker/slices.js';
import type { Middleware } from './origins.js';
import { Connections } from './connections.js';
import { Descriptors } from './descriptors.js';
import { EngineIo, type EngineSockets } from './engine-io.js';
import type { SecureSockets } from './secure-sockets.js';
import type { TransportServices } from './services.js';
import { RequestGate } from './request-gate.js';
import { SockJs } from './sockjs.js';
import { TcpServer } from './tcp.js';
import { Upgrades, type UpgradeOptions } from './upgrade.js';

/** What the transports of one HTTP server need. */
export interface TransportOptions extends Omit<UpgradeOptions, 'connections' | 'engines'> {
  /** Clients of Socket.IO, for the origins of `origins`. */
  readonly engines?: readonly EngineSockets[];
  /** TLS on TCP; and on the HTTP server's own port, unless it has another one (`listenTls`). */
  readonly tls?: { readonly sockets: SecureSockets; readonly isElsewhere: boolean } | undefined;
  /** The broker's: a request shortens the slices of sessions that have much to do. */
  readonly slices?: Pick<Slices, 'attend'>;
}

/** Every way in for STOMP, on one HTTP server; and on TCP if it is asked for. */
export interface Transports {
  /** The HTTP transports of SockJS and Socket.IO. They read bodies themselves: `app.use` it before the body parsers. */
  readonly middleware: Middleware;
  readonly connections: Connections;
  /** @returns where it listens; port 0 takes any free one */
  listenTcp(port: number, host: string): Promise<AddressInfo>;
  /** Everything of the HTTP server over TLS on a port of its own. @returns where it listens; port 0 takes any free one */
  listenTls(port: number, host: string): Promise<AddressInfo>;
  /** Refuses who comes from now on; sessions that are open go on. */
  drain(): void;
  /** Waits until every connection has ended, `ms` at most, and cuts the rest. */
  close(ms: number): Promise<void>;
}

/** Takes the server's upgrades, and leaves to its other listeners those of other paths; its requests come through `middleware`. */
export function attachTransports(httpServer: Server, options: TransportOptions): Transports {
  const descriptors = new Descriptors();
  const connections = new Connections(options.limits.connectionsPerAddress, descriptors);
  const services: TransportServices = { ...options, connections };
  const engines = (options.engines ?? []).map(
    (sockets) => new EngineIo({ ...options, connections, sockets }),
  );
  const upgrades = new Upgrades(httpServer, { ...options, connections, engines });
  const { tls } = options;
  const secure = tls?.isElsewhere ? undefined : tls?.sockets;
  const gate = new RequestGate({ ...options, connections, descriptors, upgrades, secure });
  gate.guard(httpServer);
  const tlsServer = createServer(
    { allowHalfOpen: true, noDelay: true },
    (socket) => tls && gate.openSecure(httpServer, socket, tls.sockets),
  );
  const main = { sockJs: options.paths.sockJs, origins: options.origins };
  const sockJs = [main, ...(options.endpoints ?? [])].flatMap(({ sockJs: prefix, origins }) =>
    prefix === undefined ? [] : [new SockJs({ ...options, connections, prefix, origins })],
  );
  const tcp = new TcpServer(services, descriptors, tls?.sockets);

  const drain = (): void => {
    gate.drain();
    upgrades.drain();
    [...sockJs, ...engines].forEach((one) => one.drain());
    tcp.close();
    tlsServer.close();
  };

  return {
    connections,
    middleware: (request, response, next) => {
      if (![...sockJs, ...engines].some((one) => one.handle(request, response))) next();
    },
    listenTcp: (port, host) => tcp.listen(port, host),
    listenTls: async (port, host) => {
      // It rejects with what keeps it from listening.
      await once(tlsServer.listen(port, host), 'listening');
      return tlsServer.address() as AddressInfo;
    },
    drain,
    close: (ms) => {
      drain();
      return connections.end(ms, options.clock);
    },
  };
}
