import { Refusal } from '../errors.js';
import type { Broker } from '../broker/broker.js';
import { limitsWith } from '../limits.js';
import { BrokerNode, type BrokerOptions, type SessionOptions } from '../session/broker-node.js';
import type { User } from '../session/ports.js';
import { LineRelay, type RelayOptions } from '../relay/relay.js';
import type { SessionRegistry } from '../session/registry.js';
import type { OpenSession } from '../session/session.js';
import { FakeClock } from './fake-clock.js';
import { MemoryClient } from './memory-client.js';

/** How a node in memory is set up. */
export interface MemoryNodeOptions extends BrokerOptions, Partial<Omit<SessionOptions, 'server'>> {
  /** To other nodes of this process, over lines of a `MemoryHub`; `open` connects it. */
  readonly relay?: RelayOptions;
}

/** Broker and sessions in one process without sockets, Nest or a database; by default everyone may do everything. */
export class MemoryNode {
  readonly clock = new FakeClock();
  readonly broker: Broker;
  /** What was logged as a fault of ours. */
  readonly faults: unknown[] = [];
  readonly registry: SessionRegistry;
  readonly #node: BrokerNode;
  readonly #open: OpenSession;
  readonly #revocations = new Map<string, AbortController>();

  constructor({ relay: joined, ...options }: MemoryNodeOptions = {}) {
    const report = (error: unknown): void => void this.faults.push(error);
    const { clock } = this;
    const limits = limitsWith(options.limits);
    const relay = joined && new LineRelay(joined, { clock, limits, report });
    this.#node = new BrokerNode({ ...options, clock, report, id: 'test', ...(relay && { relay }) });
    this.broker = this.#node.broker;
    this.registry = this.#node.registry;
    this.#open = this.#node.sessions({
      authenticator: { authenticate: async ({ login }) => this.user(login ?? '') },
      authorizer: { isAllowed: () => true },
      ...options,
      server: 'Carillon/test',
    });
  }

  /** What its queues hold is known after this, and the relay is connected. */
  async open(): Promise<this> {
    await this.#node.open();
    return this;
  }

  /** A client on a new session; its login is its name, whatever the passcode. */
  client(): MemoryClient {
    return new MemoryClient(this.#open);
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
    return {
      name,
      roles: [],
      expiresAt: this.clock.now() + LOGIN_MS,
      ended: revocation.signal,
    };
  }

  /** Ends the login of that user. */
  revoke(name: string): void {
    this.#revocations.get(name)?.abort();
  }
}

const LOGIN_MS = 60 * 60_000;
