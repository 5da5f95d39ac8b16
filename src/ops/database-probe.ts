import { setTimeout as after } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Limits } from '../limits.js';
import type { Store } from '../store/store.js';

/** Asks the database for a sign of life. */
export class DatabaseProbe {
  readonly #logger = new Logger(DatabaseProbe.name);

  constructor(
    private readonly store: Store,
    private readonly limits: Pick<Limits, 'readyMs'>,
  ) {}

  /** Whether it answered within `LIMIT_READY_MS`. Never rejects. */
  async answers(): Promise<boolean> {
    const limit = new AbortController();
    try {
      return await Promise.race([
        this.store.read.query('select 1').then(() => true),
        after(this.limits.readyMs, false, { signal: limit.signal, ref: false }),
      ]);
    } catch (error) {
      this.#logger.warn('the database does not answer', error);
      return false;
    } finally {
      limit.abort();
    }
  }
}
