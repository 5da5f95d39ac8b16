import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { UserRegistry } from '../../library/nest/user-registry.js';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import { Schedule } from '../../library/store/schedule.js';
import { Store } from '../../library/store/store.js';
import type { Member } from './members.js';
import { CONVERSATIONS_OPTIONS, type ConversationsOptions } from './options.js';

/** What others in a conversation know of somebody; nothing where it isn't noted. */
export interface ShownPresence {
  readonly isOnline?: boolean;
  /** ISO 8601, or null for one who was never here. */
  readonly lastSeenAt?: string | null;
}

/**
 * Each node notes again and again which of its own users are connected, all of them in one statement. So nothing is told
 * when somebody comes or goes, and of a node that died nothing has to be cleared.
 */
@Injectable()
export class Presence implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #schedule: Schedule;

  constructor(
    private readonly store: Store,
    private readonly users: UserRegistry,
    @Inject(CONVERSATIONS_OPTIONS) private readonly options: ConversationsOptions,
  ) {
    const logger = new Logger(Presence.name);
    this.#schedule = new Schedule({
      work: () => this.#note(),
      everyMs: options.limits.presenceMs,
      failed: (error) => logger.error({ msg: 'who is here could not be noted', err: error }),
    });
  }

  onApplicationBootstrap(): void {
    if (this.options.isPresenceShown) this.#schedule.start();
  }

  onApplicationShutdown(): void {
    this.#schedule.stop();
  }

  /** @param member as the database knows them */
  of({ lastSeenAt }: Pick<Member, 'lastSeenAt'>): ShownPresence {
    if (!this.options.isPresenceShown) return {};
    if (lastSeenAt === null) return { isOnline: false, lastSeenAt: null };
    const isOnline = Date.now() - lastSeenAt < this.options.limits.presentMs;
    return { isOnline, lastSeenAt: new Date(lastSeenAt).toISOString() };
  }

  async #note(): Promise<void> {
    const names = this.users.names();
    if (names.length === 0) return;
    await this.store.write(({ manager }) => {
      // In one order: two nodes with the same users would wait for each other.
      const lock = manager.connection.options.type === 'postgres' ? 'for no key update' : '';
      return rowsOf(
        manager,
        `update users set last_seen_at = $1 where id in (
           select id from users where email in (select value->>0 from ${listsIn(manager, '$2')}) order by id ${lock}
         )`,
        [Date.now(), JSON.stringify(names.map((name) => [name]))],
      );
    });
  }
}
