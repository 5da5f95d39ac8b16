import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Schedule } from '../../library/store/schedule.js';
import { Store } from '../../library/store/store.js';
import { AppointmentsService } from './appointments.service.js';
import { APPOINTMENTS_OPTIONS, type AppointmentsOptions } from './options.js';
import { duePendingChanges } from './pending-changes.js';

/**
 * Makes the changes whose time to be taken back has run out, whether or not somebody still looks at the page that asked for
 * them. Every node looks; each change is made once, since it is taken in the transaction that makes it.
 */
@Injectable()
export class DueChanges implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(DueChanges.name);
  readonly #schedule: Schedule;

  constructor(
    private readonly store: Store,
    private readonly appointments: AppointmentsService,
    @Inject(APPOINTMENTS_OPTIONS) private readonly options: AppointmentsOptions,
  ) {
    this.#schedule = new Schedule(
      {
        work: () => this.makeDue(),
        everyMs: options.limits.dueEveryMs,
        failed: (error) =>
          this.#logger.error('Changes that waited could not be made; it is tried until they can', error),
      },
      options.clock,
    );
  }

  onApplicationBootstrap(): void {
    this.#schedule.startNow();
  }

  onApplicationShutdown(): void {
    this.#schedule.stop();
  }

  /** One that fails stops none of the others. @throws {AggregateError} of those that failed */
  async makeDue(): Promise<void> {
    const now = this.options.clock.now();
    const errors: unknown[] = [];
    for (const id of await duePendingChanges(this.store.read, now)) {
      if (this.#schedule.isStopped) break;
      await this.appointments.makePending(id, now).catch((error: unknown) => errors.push(error));
    }
    if (errors.length > 0) throw new AggregateError(errors);
  }
}
