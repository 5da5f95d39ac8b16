import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Broker } from '../src/library/broker/broker.js';
import { Refusal } from '../src/library/errors.js';
import type { Limits } from '../src/library/limits.js';
import { BrokerNode } from '../src/library/session/broker-node.js';
import type { Authenticator } from '../src/library/session/ports.js';
import {
  attachTransports,
  type TransportOptions,
  type Transports,
} from '../src/library/transport/listener.js';
import { Origins } from '../src/library/transport/origins.js';
import { Proxies } from '../src/library/transport/proxies.js';
import { systemClock } from '../src/library/transport/system-clock.js';

export interface TransportNodeOptions {
  readonly limits?: Partial<Limits>;
  readonly origins?: readonly string[];
  readonly proxies?: readonly string[];
  /** By default any that is free. */
  readonly port?: number;
  /** In place of the real sessions, where a test is about bytes. */
  readonly openSession?: TransportOptions['openSession'];
}

/** Broker, sessions and every transport on real sockets, without Nest or a database; everyone may do everything. */
export class TransportNode {
  readonly broker: Broker;
  readonly faults: unknown[] = [];
  /** Why sessions ended, in that order. */
  readonly endings: string[] = [];
  readonly transports: Transports;
  readonly server: Server;
  readonly limits: Limits;

  static async start(options: TransportNodeOptions = {}): Promise<TransportNode> {
    const node = new TransportNode(options);
    node.server.listen(options.port ?? 0, '127.0.0.1');
    await once(node.server, 'listening');
    return node;
  }

  private constructor(options: TransportNodeOptions) {
    const report = (error: unknown): void => void this.faults.push(error);
    const node = new BrokerNode({ limits: options.limits ?? {}, clock: systemClock, report, id: 'test' });
    this.limits = node.limits;
    this.broker = node.broker;
    const proxies = new Proxies(options.proxies ?? []);
    this.server = createServer((request, response) => {
      this.transports.middleware(request, response, () => response.writeHead(404).end());
    });
    this.transports = attachTransports(this.server, {
      slices: this.broker.slices,
      openSession: options.openSession ?? this.#sessionsOf(node),
      origins: new Origins(options.origins ?? [], proxies),
      proxies,
      limits: this.limits,
      clock: systemClock,
      report,
      paths: { sockJs: '/ws', webSocket: '/stomp' },
      chooseSubprotocol: node.chooseSubprotocol,
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** @param scheme `http` or `ws` */
  url(path: string, scheme = 'http'): string {
    return `${scheme}://127.0.0.1:${this.port}${path}`;
  }

  async stop(): Promise<void> {
    await this.transports.close(0);
    this.server.close();
    this.server.closeAllConnections();
  }

  readonly #everyone: Authenticator = {
    authenticate: async ({ login = '' }) => {
      if (login === '') throw new Refusal('auth_failed', 'Nobody of that name.');
      return { name: login, roles: [] };
    },
  };

  #sessionsOf(node: BrokerNode): TransportOptions['openSession'] {
    return node.sessions({
      server: 'Carillon/test',
      authenticator: this.#everyone,
      authorizer: { isAllowed: () => true },
      observer: { disconnected: ({ reason }) => void this.endings.push(reason) },
    });
  }
}
