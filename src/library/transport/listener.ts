import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Slices } from '../broker/slices.js';
import type { Middleware } from './origins.js';
import { Connections } from './connections.js';
import { Descriptors } from './descriptors.js';
import type { TransportServices } from './services.js';
import { RequestGate } from './request-gate.js';
import { SockJs } from './sockjs.js';
import { TcpServer } from './tcp.js';
import { Upgrades, type UpgradeOptions } from './upgrade.js';

/** What the transports of one HTTP server need. */
export interface TransportOptions extends Omit<UpgradeOptions, 'connections'> {
  /** The broker's: a request shortens the slices of sessions that have much to do. */
  readonly slices?: Pick<Slices, 'attend'>;
}

/** Every way in for STOMP, on one HTTP server; and on TCP if it is asked for. */
export interface Transports {
  /** SockJS's HTTP transports. It reads bodies itself: `app.use` it before the body parsers. */
  readonly middleware: Middleware;
  readonly connections: Connections;
  /** @returns where it listens; port 0 takes any free one */
  listenTcp(port: number, host: string): Promise<AddressInfo>;
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
  const upgrades = new Upgrades(httpServer, { ...options, connections });
  new RequestGate({ ...options, connections, descriptors, upgrades }).guard(httpServer);
  const main = { sockJs: options.paths.sockJs, origins: options.origins };
  const sockJs = [main, ...(options.endpoints ?? [])].flatMap(({ sockJs: prefix, origins }) =>
    prefix === undefined ? [] : [new SockJs({ ...options, connections, prefix, origins })],
  );
  const tcp = new TcpServer(services, descriptors);

  const drain = (): void => {
    upgrades.drain();
    sockJs.forEach((one) => one.drain());
    tcp.close();
  };

  return {
    connections,
    middleware: (request, response, next) => {
      if (!sockJs.some((one) => one.handle(request, response))) next();
    },
    listenTcp: (port, host) => tcp.listen(port, host),
    drain,
    close: (ms) => {
      drain();
      return connections.end(ms, options.clock);
    },
  };
}
