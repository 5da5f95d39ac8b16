import { Logger } from '@nestjs/common';
import type { Timer } from '../../library/broker/clock.js';
import type { Limits } from '../limits.js';
import type { Store } from '../../library/store/store.js';
import { systemClock } from '../../library/transport/system-clock.js';
import { Refreshed } from './refreshed.js';

/** Asks the database for a sign of life: whether it reads, and whether it can write. */
export class DatabaseProbe {
  #checking: Promise<void> | undefined;
  readonly #state: Refreshed<boolean>;
  readonly #logger = new Logger(DatabaseProbe.name);

  constructor(
    private readonly store: Store,
    private readonly limits: Pick<Limits, 'readyMs' | 'refreshMs'>,
  ) {
    this.#state = new Refreshed(() => this.#ask(), limits.refreshMs);
  }

  /** Whether it answered within `LIMIT_READY_MS`, at most `LIMIT_REFRESH_MS` ago. Never rejects. */
  answers(): Promise<boolean> {
    return this.#state.get();
  }

  async #ask(): Promise<boolean> {
    let limit: Timer | undefined;
    const late = new Promise<false>((resolve) => {
      limit = systemClock.after(this.limits.readyMs, () => resolve(false));
    });
    try {
      return await Promise.race([this.#check().then(() => true), late]);
    } catch (error) {
      this.#logger.warn('the database does not answer', error);
      return false;
    } finally {
      limit?.cancel();
    }
  }

  /** One at a time, for however many who ask: writing costs something. */
  #check(): Promise<void> {
    this.#checking ??= this.store.check().finally(() => (this.#checking = undefined));
    return this.#checking;
  }
}
