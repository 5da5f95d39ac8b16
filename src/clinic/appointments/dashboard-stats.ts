import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { SessionEvents } from '../../library/nest/events.js';
import { MessagingTemplate } from '../../library/nest/template.js';
import { Schedule } from '../../library/store/schedule.js';
import { Store } from '../../library/store/store.js';
import { AppointmentRow } from './appointment.entity.js';
import { APPOINTMENTS_OPTIONS, NODES, type AppointmentsOptions, type NodeOverview } from './options.js';
import { holdsTime, type Status } from './status.js';
import { Zone } from './zone.js';

/** The numbers on the operators' wall. */
export interface Dashboard {
  readonly connections: number;
  /** Without those that were cancelled, or entered in error. */
  readonly appointmentsToday: number;
  readonly byStatus: Partial<Record<Status, number>>;
}

const topic = '/topic/dashboard-stats';

/**
 * Publishes the dashboard when it has changed, and no more often than its interval. A session that subscribes gets at
 * once what was published last: who opens the page would otherwise look at nothing until something changes. Of several
 * nodes the first one publishes for all; the others only count for who subscribes there.
 */
@Injectable()
export class DashboardStats implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(DashboardStats.name);
  readonly #zone: Zone;
  readonly #schedule: Schedule;
  #today: { readonly since: number; readonly byStatus: Partial<Record<Status, number>> } | undefined;
  #published: Dashboard | undefined;
  #stopListening: (() => void) | undefined;

  constructor(
    private readonly store: Store,
    private readonly template: MessagingTemplate,
    private readonly events: SessionEvents,
    @Inject(APPOINTMENTS_OPTIONS) private readonly options: AppointmentsOptions,
    @Inject(NODES) private readonly nodes: NodeOverview,
  ) {
    this.#zone = new Zone(options.clinicZone);
    this.#schedule = new Schedule({
      work: () => this.#look().catch((error: unknown) => this.#countAnew(error)),
      everyMs: options.limits.dashboardMs,
      failed: (error) => this.#logger.error('Could not count for the dashboard; tries until it can', error),
    });
  }

  onModuleInit(): void {
    this.#stopListening = this.events.on('subscribed', ({ session, subscription }) => {
      if (subscription.address === topic) void this.#show(this.template.toSession(session.id));
    });
    this.#schedule.start();
  }

  onApplicationShutdown(): void {
    this.#schedule.stop();
    this.#stopListening?.();
  }

  /** An appointment was booked or changed: count again. */
  touch(): void {
    this.#today = undefined;
  }

  async #look(): Promise<void> {
    if (!this.nodes.isFirst()) {
      // What another one publishes now isn't what this one published last.
      this.#published = undefined;
      return;
    }
    const dashboard = await this.#count();
    if (isDeepStrictEqual(dashboard, this.#published)) return;
    publish(this.template, dashboard);
    this.#published = dashboard;
  }

  async #show(session: Pick<MessagingTemplate, 'convertAndSend'>): Promise<void> {
    if (this.#published) return publish(session, this.#published);
    // Before the first look there is nothing that was published.
    if (this.nodes.isFirst()) return;
    try {
      publish(session, await this.#count());
    } catch {
      // The first node tells of a database that is away, and publishes when it is back.
    }
  }

  async #count(): Promise<Dashboard> {
    // Changes on other nodes touch nothing here.
    if (this.nodes.hasOthers()) this.touch();
    const byStatus = await this.#countToday();
    const appointmentsToday = Object.entries(byStatus)
      .filter(([status]) => holdsTime(status as Status))
      .reduce((sum, [, count]) => sum + count, 0);
    return { connections: this.nodes.connections(), appointmentsToday, byStatus };
  }

  /** Touched by no change, but not counted either. */
  #countAnew(error: unknown): never {
    this.touch();
    throw error;
  }

  /** A node that is alone asks the database once for each change, and once for each day. */
  async #countToday(): Promise<Partial<Record<Status, number>>> {
    const now = new Date(this.options.clock.now());
    const since = this.#zone.startOfDay(now).getTime();
    if (this.#today?.since === since) return this.#today.byStatus;

    // Set before it is counted: a change that comes meanwhile counts again.
    const today = { since, byStatus: {} as Partial<Record<Status, number>> };
    this.#today = today;
    const rows = await this.store.read
      .createQueryBuilder(AppointmentRow, 'a')
      .select(['a.status as status', 'count(*) as count'])
      .where('a.startsAt >= :since and a.startsAt < :until', {
        since,
        until: this.#zone.startOfDay(now, 1).getTime(),
      })
      .groupBy('a.status')
      .orderBy('a.status')
      .getRawMany<{ status: Status; count: number }>();
    for (const { status, count } of rows) today.byStatus[status] = count;
    return today.byStatus;
  }
}

function publish(template: Pick<MessagingTemplate, 'convertAndSend'>, dashboard: Dashboard): void {
  template.convertAndSend(topic, dashboard, { 'event-type': 'dashboard-stats' });
}
