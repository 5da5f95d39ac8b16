import type { Headers } from './message.js';

/** A message of a queue, as it is kept. */
export interface StoredMessage {
  /** Unique and rising over all queues; a queue's order. */
  readonly position: number;
  /** The queue's address, `/queue/…`. */
  readonly queue: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** How often it was handed to a consumer that didn't settle it with ACK. */
  readonly deliveries: number;
}

/** What becomes durable together, or not at all. */
export interface QueueBatch {
  readonly puts: readonly StoredMessage[];
  /** Positions that are settled for good. */
  readonly removes: readonly number[];
  /** Messages that come again. A count only rises: one that is lower than what is stored changes nothing. */
  readonly counts: readonly { readonly position: number; readonly deliveries: number }[];
}

/** Where queues are kept; a port, with one contract suite for all who implement it. */
export interface QueueStore {
  /**
   * Resolves when it would survive a crash. Calls become durable in the order in which they were made, so a page
   * that was read later misses none whose call resolved. Calls that wait may share one commit.
   */
  commit(batch: QueueBatch): Promise<void>;
  /** Messages of one queue behind a position, in order: at most `limit`, and of more than one at most `maxBytes`, headers and bodies. */
  read(queue: string, after: number, limit: number, maxBytes: number): Promise<StoredMessage[]>;
  /** What is there when a process starts: how many messages each queue holds, and the highest position ever given. */
  open(): Promise<{ readonly lengths: ReadonlyMap<string, number>; readonly lastPosition: number }>;
}
