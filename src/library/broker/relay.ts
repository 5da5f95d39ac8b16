import type { Message } from './message.js';

/** The way to the brokers of other nodes. What one broker publishes, each of the others delivers once at most. */
export interface Relay {
  /**
   * Sends a message to the other nodes, with its position and audience; called after `deliver` of this one. Neither waits nor throws. Messages of one
   * address leave in the order of these calls.
   */
  publish(message: Message): void;
}

/** A broker as its relay sees it. */
export interface Relayed {
  /** Hands a message of another node to the subscribers here. It is never sent on. */
  deliver(message: Message): void;
}

/** The relay of a node that is alone. */
export const noRelay: Relay = { publish: () => {} };
