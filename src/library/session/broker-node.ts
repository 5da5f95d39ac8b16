import { randomBytes } from 'node:crypto';
import type { Admission } from '../broker/admission.js';
import { Broker } from '../broker/broker.js';
import type { Clock } from '../broker/clock.js';
import { Feeds } from '../broker/feeds.js';
import { noLogs, type LogOf } from '../broker/log.js';
import { ExclusiveQueueStore } from '../broker/exclusive-queue-store.js';
import { MemoryQueueTable } from '../broker/memory-queue-table.js';
import type { QueueStore } from '../broker/queue-store.js';
import { NodeMessages } from '../broker/node-messages.js';
import { Queues } from '../broker/queues.js';
import { noRelay, type Relay } from '../broker/relay.js';
import { openTopics, type KeptTopic, type TopicStore } from '../broker/topic-store.js';
import { limitsWith, type Limits } from '../limits.js';
import { chooseSubprotocol } from '../stomp/version.js';
import { Interceptors } from './interceptors.js';
import { MessageFrames } from './message-frames.js';
import type { Application, Authenticator, Authorizer, SessionObserver, StompInterceptor } from './ports.js';
import { SessionRegistry } from './registry.js';
import { Session, type OpenSession } from './session.js';

/** What a broker is told. */
export interface BrokerOptions {
  /** Those of limits.ts, unless given. */
  readonly limits?: Partial<Limits>;
  /** Where `/queue` is kept. Default: in memory, as long as the process lives. */
  readonly queueStore?: QueueStore;
  /** Which addresses have a log, so that who was away can read what was missed. Default: none. */
  readonly logOf?: LogOf;
  /** Topics that no pattern shows, not even `/topic/**`: who reads one of them has to name it. Default: none. */
  readonly isUnpatterned?: (topic: string) => boolean;
  /** Stands at the door of topics. Default: everybody is let in. */
  readonly admission?: Admission;
  /** Topics that keep their messages: a reader who comes later gets them by `since`. Needs `topicStore`. Default: none. */
  readonly keep?: readonly KeptTopic[];
  /** Where they are kept: `SqlTopicStore`. */
  readonly topicStore?: TopicStore;
}

/** What the sessions of a broker are told. */
export interface SessionOptions {
  /** Says whom a CONNECT comes from. */
  readonly authenticator: Authenticator;
  /** What somebody may SEND to and SUBSCRIBE to. */
  readonly authorizer: Authorizer;
  /** What answers below `/app`. Default: nothing. */
  readonly application?: Application;
  /** What stands between clients and their sessions, in this order. Default none. */
  readonly interceptors?: readonly StompInterceptor[];
  /** Told of what happens to sessions. Default: `report` hears of faults. */
  readonly observer?: SessionObserver;
  /** CONNECTED's `server` (STOMP 1.2, CONNECTED). Default `Carillon`. */
  readonly server?: string;
}

interface NodeOptions extends BrokerOptions {
  readonly clock: Clock;
  /** Told of faults of ours, whole. */
  readonly report: (error: unknown) => void;
  /** The way to the other nodes. Default: there is none. */
  readonly relay?: Relay;
  /** Begins the ids of its messages, which no other process may give. Default: random. */
  readonly id?: string;
}

/** The one place where a broker and its sessions are put together; sockets and methods are put on it. */
export class BrokerNode {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
  readonly broker: Broker;
  readonly registry: SessionRegistry;
  /** What this node tells the others, and hears from them. */
  readonly nodeMessages: NodeMessages;
  readonly #relay: Relay;
  /** Chooses of the subprotocols that a WebSocket offers. */
  readonly chooseSubprotocol = chooseSubprotocol;

  /** The logs of the topics that keep their messages. */
  #topics: LogOf = noLogs;

  constructor(private readonly options: NodeOptions) {
    const { clock, report, logOf = noLogs } = options;
    const queueStore: QueueStore =
      options.queueStore ?? new ExclusiveQueueStore(new MemoryQueueTable(), clock);
    this.clock = clock;
    this.report = report;
    this.limits = limitsWith(options.limits);
    const queues = new Queues(queueStore, clock, this.limits, report);
    const feeds = new Feeds((address) => this.#topics(address) ?? logOf(address), clock, this.limits, report);
    // Message ids differ between processes, and between this one and the one before it.
    const id = options.id ?? randomBytes(6).toString('base64url');
    this.#relay = options.relay ?? noRelay;
    this.broker = new Broker(id, queues, feeds, this.#relay, options.isUnpatterned, options.admission);
    this.nodeMessages = new NodeMessages(this.broker);
    queueStore.onAnnounce?.((queue, ready) => this.nodeMessages.tell(`ready${queue}`, ready));
    this.registry = new SessionRegistry(this.limits, clock);
  }

  /** Learns what its queues hold, opens the topics that are kept, and connects to the relay; sessions may be opened after this. */
  async open(): Promise<this> {
    const { clock, limits, report } = this;
    this.#topics = await openTopics(this.options, { clock, limits, onFault: report });
    await this.broker.queues.open();
    await this.#relay.open(this.broker);
    return this;
  }

  /** What clients held when they went is on its way to the store, which may be closed after this. */
  async close(): Promise<void> {
    await this.broker.queues.close();
    await this.#relay.close();
    this.options.topicStore?.close();
  }

  /** @returns what makes the session of each connection that is accepted */
  sessions(options: SessionOptions): OpenSession {
    const { broker, registry, clock, limits, report } = this;
    const { interceptors = [], authenticator, authorizer } = options;
    const services = {
      broker,
      registry,
      clock,
      limits,
      authenticator,
      authorizer,
      application: options.application ?? noMethods,
      frames: new MessageFrames(),
      observer: { failed: (_session: unknown, error: unknown) => report(error), ...options.observer },
      server: options.server ?? 'Carillon',
      ...(interceptors.length > 0 && {
        interceptors: new Interceptors(interceptors, clock, limits.handlerMs),
      }),
    };
    return (wire, remoteAddress) => new Session(wire, remoteAddress, services);
  }
}

const noMethods: Application = {
  handles: () => false,
  send: async () => {},
  subscribe: async () => undefined,
};
