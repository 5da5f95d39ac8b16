import type { Message } from './message.js';

/**
 * Everything that receives: a STOMP session's subscription, an SSE stream, a Nest method, a test.
 * Publishing never waits for one.
 */
export interface Subscriber {
  /** Id of the session that owns it, if any: a message may be for one session alone, or for all but one. */
  readonly sessionId?: string | undefined;
  /** The client's connection, if it is one's: who is in a room is known by it. */
  readonly owner?: Owner | undefined;
  /** The server has ended it: nothing comes any more. */
  ended?(): void;
  /** Takes the message, synchronously; a reader that can't keep up is closed by its own outbox. */
  deliver(message: Message): void;
  /** Whether what is stored (queues, logs) may be handed over now; topics are pushed regardless. */
  hasCapacity(): boolean;
  /** Calls back once, when there is capacity again. */
  onCapacity(callback: () => void): void;
  /** Whether it is told that messages may be lost (`gapMessage`), where no log has them. */
  readonly hearsGaps?: boolean;
}

/** A client's connection, as others are told of it. */
export interface Owner {
  /** As `ClientSession#id`. */
  readonly id: string;
  readonly user: { readonly name: string };
  readonly transport: string;
}

/** A subscriber's tie to an address. */
export interface Subscription {
  /** Nothing is delivered after this returns. Idempotent. */
  close(): void;
}

/** A subscription in two steps, so that its reader can be told that it is subscribed before the first message comes. */
export interface Following extends Subscription {
  /**
   * Of an address with a log: resolves when the next publish will be seen, with the cursor from which on; rejects with
   * what the log throws. Undefined elsewhere: what is published is seen from `start` on.
   */
  readonly opened: Promise<string> | undefined;
  /**
   * Of an address without a log: resolves when what other nodes publish from then on will be seen too; never rejects.
   * Undefined where it is at once, and of a log, whose `opened` says it.
   */
  readonly ready: Promise<void> | undefined;
  /** Delivers from now on; of a log the verdict and what was missed come first. To be called once, after `opened`. */
  start(subscriber: Subscriber): void;
}

/** Where a reader of a log goes on: a cursor, or `earliest`. Without any it gets live messages only. */
export interface Since {
  /** Refused where the address has no log. */
  readonly since?: string | undefined;
  /** Of no meaning where the address has no log: a name that clients of several transports take along. */
  readonly hint?: string | undefined;
}
