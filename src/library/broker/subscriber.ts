import type { Message } from './message.js';

/**
 * Everything that receives: a STOMP session's subscription, an SSE stream, a Nest method, a test.
 * Publishing never waits for one.
 */
export interface Subscriber {
  /** Whose it is, where it is a STOMP session's: messages may be for one of them, or for all but one. */
  readonly sessionId?: string;
  /** Takes the message, synchronously; a reader that can't keep up is closed by its own outbox. */
  deliver(message: Message): void;
  /** Whether what is stored (queues, logs) may be handed over now; topics are pushed regardless. */
  hasCapacity(): boolean;
  /** Calls back once, when there is capacity again. */
  onCapacity(callback: () => void): void;
}

export interface Subscription {
  /** Nothing is delivered after this returns. Idempotent. */
  close(): void;
}
