import type { Headers } from './message.js';

/** A message of a queue, before it has a position. */
export interface QueueDraft {
  /** The queue's address, `/queue/…`. */
  readonly queue: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** How often it was handed to a consumer that didn't settle it with ACK. */
  readonly deliveries: number;
}

/** A message of a queue, as it is kept. */
export interface QueuedMessage extends QueueDraft {
  /** Unique and rising over all queues; a queue's order. No message that was stored had the same one before. */
  readonly position: number;
}

/** Why a queue has messages that nobody holds: they are new, or they came back and have an old position. */
export type Readiness = 'new' | 'back';

/** A message that may take the place of another, as a dead letter does. */
export interface Replacing {
  /**
   * The position of one that the same batch removes. Where this node doesn't hold that one any more, this one isn't put:
   * so it is there once, though the answer of a commit was lost and it is tried again.
   */
  readonly insteadOf?: number;
}

/** What becomes durable together, or not at all. */
export interface QueueBatch {
  /** `mine`: this node holds it from the start, as if it had claimed it. */
  readonly puts: readonly (QueueDraft & Replacing & { readonly mine: boolean })[];
  /** Positions that are settled for good. */
  readonly removes: readonly number[];
  /** Messages that come again. A count only rises: one that is lower than what is stored changes nothing. */
  readonly counts: readonly { readonly position: number; readonly deliveries: number }[];
  /** Positions that this node holds no longer, as with `release`; their counts are stored first. */
  readonly frees: readonly number[];
}

/**
 * Where queues are kept; a port, with one contract suite for all who implement it. A message is held by one node, which
 * claimed it or put it as its own, until that node removes or releases it.
 */
export interface QueueStore {
  /** Whether other nodes may take of the same queues. Then a node holds no more than its consumers can take soon. */
  readonly isShared: boolean;
  /**
   * Whether what this node holds is surely still its own. While it isn't, nothing is handed out: another node may have
   * it.
   */
  isSure(): boolean;
  /**
   * Resolves with the positions of the puts when it would survive a crash. Calls become durable in the order in which
   * they were made. What is said of a message that this node doesn't hold is passed over; the position of a put that was
   * to replace such a one is undefined.
   */
  commit(batch: QueueBatch): Promise<readonly (number | undefined)[]>;
  /**
   * The oldest messages of a queue that nobody holds: at most `limit`, and of more than one at most `maxBytes`, headers
   * and bodies. This node holds them from now on. Empty: there were none.
   */
  claim(queue: string, limit: number, maxBytes: number): Promise<QueuedMessage[]>;
  /** Messages of one queue that this node holds no longer. Called with none too, when the node forgets the queue. */
  release(queue: string, positions: readonly number[]): Promise<void>;
  /** How many messages each queue holds. Called once before all else, when the process starts. */
  lengths(): Promise<ReadonlyMap<string, number>>;
  /** Another node put or released something, or may have. */
  onReady(listener: (queue: string) => void): void;
  /** Calls back when the other nodes should hear of a queue. Of a shared store. */
  onAnnounce?(listener: (queue: string, ready: Readiness) => void): void;
  /** Another node announced a queue, or may have. Of a shared store. */
  heard?(queue: string, ready: Readiness): void;
  /** This node was taken for dead: it holds nothing any more. */
  onLost(listener: () => void): void;
  /** Lets go of all that this node holds. It claims nothing after this. */
  close(): Promise<void>;
}
