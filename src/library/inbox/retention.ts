import { prune } from '../store/prune.js';
import { Pruning, type PruningOptions } from '../store/pruning.js';
import { sweep } from '../store/sweep.js';
import type { Store } from '../store/store.js';
import { entries } from './entry-row.js';

/** How long entries are kept. */
export interface RetentionOptions extends PruningOptions {
  /**
   * Rows that were read, or archived unread, are kept for so long after they were made; the others for good.
   * An archived row is done with: it counts as unread nowhere (`filters.ts`).
   */
  readonly days: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Forgets what its reader has done with long ago. */
export class Retention extends Pruning {
  constructor(store: Store, options: RetentionOptions) {
    const ageMs = options.days * DAY_MS;
    super('notifications', (now, limit) => pruneSome(store, now - ageMs, limit), options);
  }
}

/** One step, in one transaction. */
function pruneSome(store: Store, before: number, limit: number): Promise<number> {
  return sweep(store, 'notifications', (manager) =>
    prune(
      manager,
      entries.tables,
      // Word for word as in the index.
      `select id from notification
       where created_at < $1 and (read_at is not null or archived_at is not null)
       order by created_at limit $2`,
      [before, limit],
    ),
  );
}
