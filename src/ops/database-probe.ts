import { setTimeout as after } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Limits } from '../limits.js';
import type { Store } from '../store/store.js';

/** Asks the database for a sign of life: whether it reads, and whether it can write. */
export class DatabaseProbe {
  #checking: Promise<void> | undefined;
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
        this.#check().then(() => true),
        after(this.limits.readyMs, false, { signal: limit.signal, ref: false }),
      ]);
    } catch (error) {
      this.#logger.warn('the database does not answer', error);
      return false;
    } finally {
      limit.abort();
    }
  }

  /** One at a time, for however many who ask: writing costs something. */
  #check(): Promise<void> {
    this.#checking ??= this.store.check().finally(() => (this.#checking = undefined));
    return this.#checking;
  }
}
