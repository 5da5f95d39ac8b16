import { Injectable, Optional } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import { Broker } from '../../library/broker/broker.js';
import { Reminders } from '../appointments/reminders.js';
import { SessionEvents } from '../../library/nest/events.js';
import { LineRelay } from '../../library/relay/relay.js';
import { lookUpRelay } from './relay-metrics.js';
import { StompEndpoints } from '../../library/nest/stomp-endpoints.js';
import type { Entrance } from '../../library/transport/refused.js';
import { ProcessLog } from './process-log.js';
import { SessionRegistry } from '../../library/session/registry.js';
import { Nodes } from '../../library/store/nodes.js';
import { SharedQueueStore } from '../../library/store/shared-queue-store.js';

/** Queues with a line of their own, the longest first: a user who may send can make as many queues as they like. */
const QUEUES = 50;

/**
 * This node in numbers, for Prometheus. Counted as it happens, or looked up in memory when somebody asks: never in the
 * database. Beside them stand the process's own: memory, CPU, garbage collection, delay of the event loop.
 */
@Injectable()
export class Metrics {
  readonly #numbers = new Registry();

  constructor(
    private readonly broker: Broker,
    private readonly registry: SessionRegistry,
    private readonly endpoints: StompEndpoints,
    private readonly log: ProcessLog,
    events: SessionEvents,
    private readonly reminders: Reminders,
    @Optional() nodes?: Nodes,
    @Optional() queues?: SharedQueueStore,
    @Optional() relay?: LineRelay,
  ) {
    // By default the loop's delay is sampled every 10 ms, which is 1 % of a core where nothing else goes on.
    collectDefaultMetrics({ register: this.#numbers, eventLoopMonitoringPrecision: 50 });
    this.#lookUp();
    this.#lookUpReminders();
    if (nodes && queues) this.#lookUpShared(nodes, queues);
    if (relay) lookUpRelay(this.#numbers, relay.stats);
    this.#count(events);
  }

  readonly contentType = this.#numbers.contentType;

  /** @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
  text(): Promise<string> {
    return this.#numbers.metrics();
  }

  #lookUp(): void {
    const { broker, registry, endpoints, log } = this;
    const registers: Registry[] = [];
    const transports = new Set<string>();

    this.#numbers.registerMetric(
      new Gauge({
        name: 'carillon_sockets',
        help: 'Open connections and streams, signed in or not',
        registers,
        collect() {
          this.set(endpoints.connections.count);
        },
      }),
    );
    this.#numbers.registerMetric(
      new Gauge({
        name: 'carillon_connections',
        help: 'STOMP sessions and event streams whose user is known',
        labelNames: ['transport'],
        registers,
        collect() {
          const open = registry.connections();
          // One that was there before has its zero: a line that is missing looks like a node that is gone.
          open.forEach(({ transport }) => transports.add(transport));
          transports.forEach((transport) => this.set({ transport }, 0));
          open.forEach(({ transport }) => this.inc({ transport }));
        },
      }),
    );
    this.#numbers.registerMetric(
      new Gauge({
        name: 'carillon_subscriptions',
        help: 'Open subscriptions of STOMP sessions',
        registers,
        collect() {
          const counts = registry.connections().map((one) => one.openSubscriptions?.().length ?? 0);
          this.set(counts.reduce((sum, count) => sum + count, 0));
        },
      }),
    );
    this.#numbers.registerMetric(
      new Gauge({
        name: 'carillon_queue_messages',
        help: `Messages that a queue holds; of the ${QUEUES} longest queues`,
        labelNames: ['queue'],
        registers,
        collect() {
          this.reset();
          const longest = [...broker.queues.lengths].toSorted(([, a], [, b]) => b - a).slice(0, QUEUES);
          for (const [queue, length] of longest) this.set({ queue }, length);
        },
      }),
    );
    this.#numbers.registerMetric(
      new Counter({
        name: 'carillon_refused_total',
        help: 'Requests and connections that were turned away before there was a session; origin: of a foreign page',
        labelNames: ['entrance', 'reason'],
        registers,
        collect() {
          this.reset();
          // An alarm on a rate needs a line from the start.
          for (const entrance of ['http', 'sockjs', 'websocket']) this.inc({ entrance, reason: 'origin' }, 0);
          for (const { entrance, reason, count } of endpoints.refused.counts())
            this.inc({ entrance, reason }, count);
        },
      }),
    );
    this.#numbers.registerMetric(
      new Counter({
        name: 'carillon_log_lines_dropped_total',
        help: 'Lines of the log that nobody took in time',
        registers,
        collect() {
          this.reset();
          this.inc(log.droppedLines);
        },
      }),
    );
    this.#numbers.registerMetric(
      new Counter({
        name: 'carillon_inbox_found_by_look_total',
        help: 'Logs that had more than anybody here had heard of, when they were looked at',
        registers,
        collect() {
          this.reset();
          this.inc(broker.feeds.foundByLook);
        },
      }),
    );
    this.#numbers.registerMetric(
      new Counter({
        name: 'carillon_messages_published_total',
        help: 'Messages to topics and to users',
        registers,
        collect() {
          this.reset();
          this.inc(broker.published);
        },
      }),
    );
  }

  #lookUpReminders(): void {
    const { reminders } = this;
    const registers: Registry[] = [];
    this.#numbers.registerMetric(
      new Counter({
        name: 'carillon_reminders_total',
        help: 'Reminders that were due and that this node sent, skipped or withdrew',
        labelNames: ['result'],
        registers,
        collect() {
          this.reset();
          for (const result of ['sent', 'skipped', 'withdrawn'] as const)
            this.inc({ result }, reminders.stats.settled.get(result) ?? 0);
        },
      }),
    );
    this.#numbers.registerMetric(
      new Gauge({
        name: 'carillon_reminder_lag_seconds',
        help: 'How late the last reminder was that this node settled',
        registers,
        collect() {
          this.set(reminders.stats.lagMs / 1_000);
        },
      }),
    );
  }

  /** What there is where several nodes have one database. */
  #lookUpShared(nodes: Nodes, queues: SharedQueueStore): void {
    const registers: Registry[] = [];
    this.#numbers.registerMetric(
      new Gauge({
        name: 'carillon_nodes',
        help: 'Nodes on this database that live, this one among them',
        registers,
        collect() {
          this.set(nodes.live.length);
        },
      }),
    );
    this.#numbers.registerMetric(
      new Gauge({
        name: 'carillon_queue_claimed',
        help: 'Messages of queues that this node holds',
        registers,
        collect() {
          this.set(queues.claimed);
        },
      }),
    );
    this.#numbers.registerMetric(
      new Counter({
        name: 'carillon_queue_claims_total',
        help: 'Claims that brought this node messages of a queue',
        registers,
        collect() {
          this.reset();
          this.inc(queues.claims);
        },
      }),
    );
    this.#numbers.registerMetric(
      new Counter({
        name: 'carillon_queue_leases_lost_total',
        help: 'Messages that this node held when it was taken for dead; they come again on the others',
        registers,
        collect() {
          this.reset();
          this.inc(queues.leasesLost);
        },
      }),
    );
  }

  #count(events: SessionEvents): void {
    const registers = [this.#numbers];
    const begun = new Counter({
      name: 'carillon_sessions_total',
      help: 'STOMP sessions that were accepted',
      labelNames: ['transport'],
      registers,
    });
    const ended = new Counter({
      name: 'carillon_sessions_ended_total',
      help: 'STOMP sessions that ended: closed, or by one of the codes in docs/errors.md, such as slow_consumer',
      labelNames: ['reason'],
      registers,
    });
    // An alarm on a rate needs a line from the start.
    for (const reason of ['closed', 'slow_consumer', 'heartbeat_timeout']) ended.inc({ reason }, 0);
    events.on('connected', ({ transport }) => begun.inc({ transport }));
    events.on('disconnected', ({ reason }) => ended.inc({ reason }));
    const { refused } = this.endpoints;
    events.on('refused', ({ transport, reason }) => refused.add(entranceOf(transport), { code: reason }));
  }
}

/** By which way in a session came: SockJS has six transports. */
function entranceOf(transport: string): Entrance {
  if (transport.startsWith('socket.io')) return 'socket.io';
  return transport === 'websocket' || transport === 'tcp' ? transport : 'sockjs';
}
