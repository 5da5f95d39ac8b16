import type { QueueBatch, QueueDraft, QueuedMessage, Replacing } from './queue-store.js';

/** Changes of the table that become durable together, or not at all. */
export interface TableChanges extends Pick<QueueBatch, 'removes' | 'counts'> {
  readonly puts: readonly (QueueDraft & Replacing)[];
  /** Of the puts. */
  readonly positions: readonly number[];
}

/** The messages of all queues, for the one node that has them; a port. `ExclusiveQueueStore` makes a store of it. */
export interface QueueTable {
  /**
   * Resolves when it would survive a crash. Calls become durable in the order in which they were made, so a page
   * that was read later misses none whose call resolved. Calls that wait may share one commit.
   * @returns for each put whether it was put: one that replaces a message needs that to be there, and removed by this
   */
  write(changes: TableChanges): Promise<readonly boolean[]>;
  /** Messages of one queue behind a position, in order: at most `limit`, and of more than one at most `maxBytes`. */
  read(queue: string, after: number, limit: number, maxBytes: number): Promise<QueuedMessage[]>;
  /** How many messages each queue holds, and the highest position of all; 0 where there are none. */
  contents(): Promise<{ readonly lengths: ReadonlyMap<string, number>; readonly lastPosition: number }>;
}
