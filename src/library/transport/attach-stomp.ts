import type { RequestListener, Server } from 'node:http';
import type { Broker } from '../broker/broker.js';
import { limitsWith } from '../limits.js';
import { BrokerNode, type BrokerOptions, type SessionOptions } from '../session/broker-node.js';
import type { SessionRegistry } from '../session/registry.js';
import { pathsOf, type HttpOptions } from './http-options.js';
import { attachTransports, type Transports } from './listener.js';
import { Origins } from './origins.js';
import { LineRelay, type RelayOptions } from '../relay/relay.js';
import { Proxies } from './proxies.js';
import { systemClock } from './system-clock.js';

/** What a broker without Nest is told. */
export interface AttachedOptions extends BrokerOptions, SessionOptions, HttpOptions {
  /** Joins this node to others. Default: it is alone. */
  readonly relay?: RelayOptions;
  /** Told of faults of ours, whole. Default: a warning of the process. */
  readonly report?: (error: unknown) => void;
}

/** A broker that was attached to an HTTP server. */
export interface AttachedBroker {
  readonly broker: Broker;
  readonly registry: SessionRegistry;
  readonly transports: Transports;
  /** Says goodbye to all clients, spread over `ms`, and cuts who doesn't go. */
  close(ms?: number): Promise<void>;
}

/**
 * Puts a STOMP broker on an HTTP server: SockJS and WebSocket at `/ws`, WebSocket at `/stomp`. Other requests go where
 * they went before.
 */
export async function attachStomp(server: Server, options: AttachedOptions): Promise<AttachedBroker> {
  const { relay: joined, report: given = warn, ...others } = options;
  const services = { clock: systemClock, report: given };
  const relay = joined && new LineRelay(joined, { ...services, limits: limitsWith(options.limits) });
  const node = await new BrokerNode({ ...others, ...services, ...(relay && { relay }) }).open();
  const { broker, registry, limits, clock, report, chooseSubprotocol } = node;
  const proxies = new Proxies(options.trustedProxies ?? [], options.proxyHeaders);
  const transports = attachTransports(server, {
    openSession: node.sessions(options),
    slices: broker.slices,
    origins: new Origins(options.allowedOrigins ?? [], proxies),
    proxies,
    limits,
    clock,
    report,
    chooseSubprotocol,
    paths: pathsOf(options),
    compression: options.compression,
  });
  takeRequests(server, transports);
  return {
    broker,
    registry,
    transports,
    async close(ms = 0) {
      transports.drain();
      await registry.drain(ms);
      await transports.close(limits.closeMs);
      await node.close();
    },
  };
}

/** SockJS before all others: it reads its bodies itself. */
function takeRequests(server: Server, transports: Transports): void {
  const others = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    transports.middleware(request, response, () => {
      others.forEach((listener) => listener.call(server, request, response));
    });
  });
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
