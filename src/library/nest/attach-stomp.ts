import { randomBytes } from 'node:crypto';
import type { RequestListener, Server } from 'node:http';
import { Broker } from '../broker/broker.js';
import { Feeds } from '../broker/feeds.js';
import { noLogs, type LogOf } from '../broker/log.js';
import { MemoryQueueStore } from '../broker/memory-queue-store.js';
import type { QueueStore } from '../broker/queue-store.js';
import { Queues } from '../broker/queues.js';
import { limitsWith, type Limits } from '../limits.js';
import { Interceptors } from '../session/interceptors.js';
import { MessageFrames } from '../session/message-frames.js';
import type {
  Application,
  Authenticator,
  Authorizer,
  SessionObserver,
  StompInterceptor,
} from '../session/ports.js';
import { SessionRegistry } from '../session/registry.js';
import { Session } from '../session/session.js';
import { chooseSubprotocol } from '../stomp/version.js';
import { attachTransports, type Transports } from '../transport/listener.js';
import { Origins } from '../transport/origins.js';
import { Proxies, type ProxyHeaders } from '../transport/proxies.js';
import { systemClock } from '../transport/system-clock.js';

/** What a broker without Nest is told; the options of `MessagingModule` mean the same. */
export interface AttachedOptions {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** What answers below `/app`. Default: nothing. */
  readonly application?: Application;
  readonly interceptors?: readonly StompInterceptor[];
  readonly limits?: Partial<Limits>;
  readonly queueStore?: QueueStore;
  readonly logOf?: LogOf;
  readonly allowedOrigins?: readonly string[];
  readonly trustedProxies?: readonly string[];
  readonly proxyHeaders?: ProxyHeaders;
  readonly sockJsPath?: string;
  readonly webSocketPath?: string;
  readonly observer?: SessionObserver;
  /** Told of faults of ours, whole. Default: a warning of the process. */
  readonly report?: (error: unknown) => void;
}

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
  const { report = warn, observer = {} } = options;
  const limits = limitsWith(options.limits);
  const clock = systemClock;
  const queues = new Queues(options.queueStore ?? new MemoryQueueStore(), clock, limits, report);
  const feeds = new Feeds(options.logOf ?? noLogs, clock, limits, report);
  await queues.open();
  const broker = new Broker(randomBytes(6).toString('base64url'), queues, feeds);
  const registry = new SessionRegistry(limits, clock);
  const proxies = new Proxies(options.trustedProxies ?? [], options.proxyHeaders);
  const services = {
    broker,
    registry,
    clock,
    limits,
    application: options.application ?? noMethods,
    authenticator: options.authenticator,
    authorizer: options.authorizer,
    interceptors: new Interceptors(options.interceptors ?? [], clock, limits.handlerMs),
    frames: new MessageFrames(),
    server: 'Carillon',
    observer: { failed: (_session: unknown, error: unknown) => report(error), ...observer },
  };
  const transports = attachTransports(server, {
    openSession: (wire, remoteAddress) => new Session(wire, remoteAddress, services),
    slices: broker.slices,
    origins: new Origins(options.allowedOrigins ?? [], proxies),
    proxies,
    limits,
    clock,
    report,
    chooseSubprotocol,
    paths: {
      sockJs: options.sockJsPath ?? '/ws',
      webSocket: options.webSocketPath ?? '/stomp',
    },
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
      await queues.close();
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

const noMethods: Application = {
  handles: () => false,
  send: async () => {},
  subscribe: async () => undefined,
};
