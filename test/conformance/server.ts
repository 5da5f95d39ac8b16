import { setImmediate as soon } from 'node:timers/promises';
import type { Clock } from '../../src/library/broker/clock.js';
import { ExclusiveQueueStore } from '../../src/library/broker/exclusive-queue-store.js';
import { MemoryQueueTable } from '../../src/library/broker/memory-queue-table.js';
import { Refusal } from '../../src/library/errors.js';
import type { Limits } from '../../src/library/limits.js';
import { BrokerNode } from '../../src/library/session/broker-node.js';
import type { Application, ApplicationRequest, Credentials, User } from '../../src/library/session/ports.js';
import type { SessionRegistry } from '../../src/library/session/registry.js';
import type { OpenSession } from '../../src/library/session/session.js';

/** Never to be seen by a client. */
export const SECRET = 'the-database-password';

/**
 * The server that the clauses are checked on: real broker and sessions, queues in memory, and an application whose
 * methods do what a check may need. Whoever logs in is called by his login.
 */
export class Server {
  readonly faults: unknown[] = [];
  readonly registry: SessionRegistry;
  readonly limits: Limits;
  readonly openSession: OpenSession;
  /** Destinations whose methods have finished, in that order. */
  readonly finished: string[] = [];
  readonly #node: BrokerNode;
  readonly #logins = new Map<string, AbortController>();

  constructor(
    limits: Partial<Limits>,
    private readonly clock: Clock,
    queueTable = new MemoryQueueTable(),
  ) {
    const report = (error: unknown): void => void this.faults.push(error);
    const queueStore = new ExclusiveQueueStore(queueTable, clock);
    this.#node = new BrokerNode({ limits, clock, report, id: 'test', queueStore });
    this.limits = this.#node.limits;
    this.registry = this.#node.registry;
    this.openSession = this.#node.sessions({
      server: 'Carillon/1.2.3 (conformance)',
      authenticator: { authenticate: async (credentials) => this.#authenticate(credentials) },
      authorizer: { isAllowed: (_user, _verb, address) => !address.includes('/forbidden') },
      application: this.#application,
    });
  }

  /** Learns what its queues held before. */
  async open(): Promise<void> {
    await this.#node.open();
  }

  /** A message of the application's own. */
  publish(address: string, body: Uint8Array): void {
    this.#node.broker.publish({ address, headers: new Map(), body });
  }

  /** Ends the login of that user. */
  revoke(name: string): void {
    this.#logins.get(name)?.abort();
  }

  #authenticate({ authorization, login }: Credentials): User {
    const name = authorization === undefined ? login : authorization.replace('Bearer ', '');
    if (name === undefined || name === '' || name === 'mallory')
      throw new Refusal('auth_failed', 'Nobody of that name.');
    if (name === 'hasty') {
      throw new Refusal('rate_limited', 'Too many failures; wait.', { retryAfterMs: 1_500 });
    }
    if (name === 'unlucky') throw new Error(`Cannot reach ${SECRET}`);
    const ended = this.#logins.get(name) ?? new AbortController();
    this.#logins.set(name, ended);
    return {
      name,
      roles: [],
      expiresAt: this.clock.now() + (name === 'brief' ? 50 : 60 * 60_000),
      ended: ended.signal,
    };
  }

  readonly #application: Application = {
    handles: (_verb, destination) => destination in this.#methods,
    send: async (request) => {
      await this.#methods[request.destination]?.(request);
      this.finished.push(request.destination);
    },
    subscribe: async () => ({
      headers: new Map([['content-type', 'text/plain']]),
      body: Buffer.from('42'),
    }),
  };

  readonly #methods: Readonly<Record<string, (request: ApplicationRequest) => Promise<void>>> = {
    '/app/quick': async () => {},
    '/app/slow': () => soon(),
    '/app/endless': () => new Promise(() => {}),
    '/app/broken': async () => {
      throw new Error(`Cannot reach ${SECRET}`);
    },
    '/app/answer': async () => {},
  };
}
