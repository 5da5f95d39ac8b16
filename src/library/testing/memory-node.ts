import { Broker } from '../broker/broker.js';
import { Feeds } from '../broker/feeds.js';
import { noLogs, type LogOf } from '../broker/log.js';
import { MemoryQueueStore } from '../broker/memory-queue-store.js';
import type { QueueStore } from '../broker/queue-store.js';
import { Queues } from '../broker/queues.js';
import { Refusal } from '../errors.js';
import { limits, type Limits } from '../limits.js';
import { Interceptors } from '../session/interceptors.js';
import type {
  Application,
  Authenticator,
  Authorizer,
  SessionObserver,
  StompInterceptor,
  User,
} from '../session/ports.js';
import { MessageFrames } from '../session/message-frames.js';
import { SessionRegistry } from '../session/registry.js';
import { Session } from '../session/session.js';
import { FakeClock } from './fake-clock.js';
import { MemoryClient } from './memory-client.js';

export interface MemoryNodeOptions {
  readonly limits?: Partial<Limits>;
  readonly authenticator?: Authenticator;
  readonly authorizer?: Authorizer;
  readonly application?: Application;
  readonly queueStore?: QueueStore;
  readonly logOf?: LogOf;
  readonly interceptors?: readonly StompInterceptor[];
  readonly observer?: SessionObserver;
}

/** Broker and sessions in one process without sockets, Nest or a database; by default everyone may do everything. */
export class MemoryNode {
  readonly clock = new FakeClock();
  readonly broker: Broker;
  /** What was logged as a fault of ours. */
  readonly faults: unknown[] = [];
  readonly registry: SessionRegistry;
  readonly #limits: Limits;
  readonly #options: MemoryNodeOptions;
  readonly #frames = new MessageFrames();
  readonly #revocations = new Map<string, AbortController>();

  constructor(options: MemoryNodeOptions = {}) {
    this.#options = options;
    this.#limits = { ...limits, ...options.limits };
    const queues = new Queues(
      options.queueStore ?? new MemoryQueueStore(),
      this.clock,
      this.#limits,
      (error) => this.faults.push(error),
    );
    const feeds = new Feeds(options.logOf ?? noLogs, this.clock, this.#limits, (error) =>
      this.faults.push(error),
    );
    this.broker = new Broker('test', queues, feeds);
    this.registry = new SessionRegistry(this.#limits, this.clock);
  }

  /** A client on a new session; its login is its name, whatever the passcode. */
  client(): MemoryClient {
    const { authenticator, authorizer, application, interceptors = [], observer } = this.#options;
    const services = {
      broker: this.broker,
      registry: this.registry,
      clock: this.clock,
      limits: this.#limits,
      frames: this.#frames,
      server: 'Carillon/test',
      interceptors: new Interceptors(interceptors, this.clock, this.#limits.handlerMs),
      authenticator: authenticator ?? { authenticate: async ({ login }) => this.user(login ?? '') },
      authorizer: authorizer ?? { isAllowed: () => true },
      application: application ?? noMethods,
      observer: { failed: (_session: unknown, error: unknown) => this.faults.push(error), ...observer },
    };
    return new MemoryClient((wire, remoteAddress) => new Session(wire, remoteAddress, services));
  }

  /** As `client`, connected. */
  async connected(login = 'ada', version: '1.0' | '1.1' | '1.2' = '1.2'): Promise<MemoryClient> {
    const client = this.client();
    const answer = await client.connect({ login, passcode: 'x' }, version);
    if (answer.command !== 'CONNECTED')
      throw new Error(`CONNECT was answered with ${answer.headers.get('code')}`);
    return client;
  }

  user(name: string): User {
    if (name === '') throw new Refusal('auth_failed', 'Nobody of that name.');
    const revocation = this.#revocations.get(name) ?? new AbortController();
    this.#revocations.set(name, revocation);
    return { name, roles: [], expiresAt: this.clock.now() + this.#limits.tokenMs, ended: revocation.signal };
  }

  /** Ends the login of that user. */
  revoke(name: string): void {
    this.#revocations.get(name)?.abort();
  }
}

const noMethods: Application = {
  handles: () => false,
  send: async () => {},
  subscribe: async () => undefined,
};
