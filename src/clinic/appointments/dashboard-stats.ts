import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { SessionEvents } from '../../library/nest/events.js';
import { MessagingTemplate } from '../../library/nest/template.js';
import { Schedule } from '../../library/store/schedule.js';
import { Store } from '../../library/store/store.js';
import { AppointmentRow } from './appointment.entity.js';
import { APPOINTMENTS_OPTIONS, CONNECTION_COUNT, type AppointmentsOptions } from './options.js';
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
 * once what was published last: who opens the page would otherwise look at nothing until something changes.
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
    @Inject(APPOINTMENTS_OPTIONS) options: AppointmentsOptions,
    @Inject(CONNECTION_COUNT) private readonly connectionCount: () => number,
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
      if (subscription.address === topic && this.#published)
        publish(this.template.toSession(session.id), this.#published);
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
    const byStatus = await this.#countToday();
    const appointmentsToday = Object.entries(byStatus)
      .filter(([status]) => holdsTime(status as Status))
      .reduce((sum, [, count]) => sum + count, 0);
    const dashboard: Dashboard = { connections: this.connectionCount(), appointmentsToday, byStatus };
    if (isDeepStrictEqual(dashboard, this.#published)) return;
    publish(this.template, dashboard);
    this.#published = dashboard;
  }

  /** Touched by no change, but not counted either. */
  #countAnew(error: unknown): never {
    this.touch();
    throw error;
  }

  /** The database is asked once for each change, and once for each day. */
  async #countToday(): Promise<Partial<Record<Status, number>>> {
    const now = new Date();
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
