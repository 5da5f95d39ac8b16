import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Limits } from '../limits.js';
import { rowsOf } from '../../library/store/rows.js';
import { Schedule } from '../../library/store/schedule.js';
import { sweep } from '../../library/store/sweep.js';
import { demoUsers } from './demo-users.js';
import type { Store } from '../../library/store/store.js';

/**
 * Forgets logins whose time is over, also of those who never come back, tickets and links that nobody used, and addresses
 * that people had.
 */
export class LoginPruning implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(LoginPruning.name);
  readonly #schedule: Schedule;

  constructor(
    private readonly store: Store,
    private readonly limits: Pick<Limits, 'pruneRows' | 'pruneEveryMs'>,
  ) {
    this.#schedule = new Schedule({
      work: () => this.prune(),
      everyMs: limits.pruneEveryMs,
      failed: (error) =>
        this.#logger.error('Old logins could not be pruned; it is tried until it can', error),
    });
  }

  onApplicationBootstrap(): void {
    this.#schedule.start();
  }

  onApplicationShutdown(): void {
    this.#schedule.stop();
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
    const links = await this.#pruneInSteps(
      `delete from reset_link where token_hash in (
         select token_hash from reset_link where expires_at < $1 order by expires_at limit $2) returning 1`,
    );
    const changes = await this.#pruneInSteps(
      `delete from email_change where token_hash in (
         select token_hash from email_change where expires_at < $1 order by expires_at limit $2) returning 1`,
    );
    const addresses = await this.#pruneInSteps(
      `delete from former_email where email in (
         select email from former_email where kept_until < $1 and email not in (${DEMO_ADDRESSES})
         order by kept_until limit $2) returning 1`,
    );
    return tickets + sessions + links + changes + addresses;
  }

  async #pruneInSteps(sql: string): Promise<number> {
    const { pruneRows } = this.limits;
    let pruned = 0;
    for (let step = pruneRows; step === pruneRows && !this.#schedule.isStopped; pruned += step)
      step = await sweep(
        this.store,
        'logins',
        async (manager) => (await rowsOf(manager, sql, [Date.now(), pruneRows])).length,
      );
    return pruned;
  }
}

/** By these `lockOutDemoUsers` finds those whose password everybody knows, whatever address they have by now. */
const DEMO_ADDRESSES = demoUsers.map(({ email }) => `'${email}'`).join(', ');
