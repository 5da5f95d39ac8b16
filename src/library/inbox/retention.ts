import type { Clock, Timer } from '../broker/clock.js';
import type { Limits } from '../limits.js';
import { rowsOf } from '../store/rows.js';
import type { Store } from '../store/store.js';

export interface RetentionOptions {
  /**
   * Rows that were read, or archived unread, are kept for so long after they were made; the others for good.
   * Who archives has dealt with it: what is archived counts as unread nowhere (`filters.ts`).
   */
  readonly days: number;
  readonly limits: Pick<Limits, 'pruneRows' | 'pruneEveryMs'>;
  readonly clock: Clock;
  readonly logError: (message: string, error: unknown) => void;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Forgets what its reader has done with long ago, in small steps, so that nobody waits for it. */
export class Retention {
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(
    private readonly store: Store,
    private readonly options: RetentionOptions,
  ) {}

  /** Prunes now, and then again and again. */
  start(): void {
    void this.#pruneAndWait();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** @returns how many rows went */
  async prune(): Promise<number> {
    const { clock, days, limits } = this.options;
    const before = clock.now() - days * DAY_MS;
    let pruned = 0;
    for (let step = limits.pruneRows; step === limits.pruneRows && !this.#isStopped; pruned += step) {
      step = await pruneSome(this.store, before, limits.pruneRows);
    }
    return pruned;
  }

  async #pruneAndWait(): Promise<void> {
    const { clock, limits, logError } = this.options;
    try {
      await this.prune();
    } catch (error) {
      logError('Old notifications could not be pruned; it is tried again', error);
    }
    if (!this.#isStopped) this.#timer = clock.after(limits.pruneEveryMs, () => void this.#pruneAndWait());
  }
}

/** One step, in one transaction: a position below what was pruned is never served as if nothing were missing. */
function pruneSome(store: Store, before: number, limit: number): Promise<number> {
  return store.write(async ({ manager }) => {
    const rows = await rowsOf<{ owner_id: number; seq: number }>(
      manager,
      // Word for word as in the index.
      `delete from notification where id in (
         select id from notification
         where created_at < $1 and (read_at is not null or archived_at is not null)
         order by created_at limit $2)
       returning owner_id, seq`,
      [before, limit],
    );
    const marks = new Map<number, number>();
    for (const { owner_id: owner, seq } of rows) marks.set(owner, Math.max(marks.get(owner) ?? 0, seq));
    // In ascending order, as everyone takes inboxes.
    for (const [owner, seq] of [...marks].toSorted(([a], [b]) => a - b)) {
      const sql = 'update inbox set pruned_seq = $1 where owner_id = $2 and pruned_seq < $3';
      await rowsOf(manager, sql, [seq, owner, seq]);
    }
    return rows.length;
  });
}
