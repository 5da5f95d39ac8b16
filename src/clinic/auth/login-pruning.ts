import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Limits } from '../../library/limits.js';
import { rowsOf } from '../../library/store/rows.js';
import type { Store } from '../../library/store/store.js';

/** Forgets logins whose time is over, also of those who never come back, and tickets that nobody used. */
export class LoginPruning implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(LoginPruning.name);
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: Store,
    private readonly limits: Pick<Limits, 'pruneRows' | 'pruneEveryMs'>,
  ) {}

  onApplicationBootstrap(): void {
    const prune = (): void => {
      this.prune().catch((error: unknown) => this.#logger.error('Old logins could not be pruned', error));
    };
    this.#timer = setInterval(prune, this.limits.pruneEveryMs).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
  }

  /** In small steps, so that nobody waits for it. A login takes its tickets with it. @returns how many rows went */
  async prune(): Promise<number> {
    const tickets = await this.#pruneInSteps(
      `delete from stream_ticket where ticket_hash in (
         select ticket_hash from stream_ticket where cookie_hash is null and expires_at < $1
         order by expires_at limit $2) returning 1`,
    );
    const sessions = await this.#pruneInSteps(
      `delete from login_session where id in (
         select id from login_session where expires_at < $1 order by expires_at limit $2) returning 1`,
    );
    return tickets + sessions;
  }

  async #pruneInSteps(sql: string): Promise<number> {
    const { pruneRows } = this.limits;
    let pruned = 0;
    for (let step = pruneRows; step === pruneRows; pruned += step)
      step = await this.store.write(
        async ({ manager }) => (await rowsOf(manager, sql, [Date.now(), pruneRows])).length,
      );
    return pruned;
  }
}
