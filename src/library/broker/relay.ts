import type { Cursor } from './cursor.js';
import type { Message } from './message.js';

/** The way to the brokers of other nodes, as a broker sees it. What one publishes, each of the others delivers once at most. */
export interface Relay {
  /** Connects; what is published before isn't sent. @returns when connected, or when waiting longer has no use */
  open(relayed: Relayed): Promise<void>;
  /**
   * Sends a message to the other nodes; called after `deliver` of this one. Neither waits nor throws. Messages of one
   * address leave in the order of these calls.
   */
  publish(message: Message): void;
  /**
   * Undefined while there is room for more; else resolves when there is, or after a while: a client that publishes
   * faster than the relay takes it is slowed by not being read.
   */
  room(): Promise<void> | undefined;
  /** Somebody here wants what other nodes publish to an address, or to those of a pattern. Counted. */
  want(address: string): Wanted;
  close(): Promise<void>;
}

/** That an address is wanted. */
export interface Wanted {
  /**
   * Undefined: it is heard already, or the relay is away. Else resolves when what any node publishes from then on will
   * come; never rejects.
   */
  readonly ready: Promise<void> | undefined;
  /** It isn't any more. Idempotent. */
  drop(): void;
}

/** A broker as its relay sees it. */
export interface Relayed {
  /** Whether anybody here is subscribed to that address. */
  hears(address: string): boolean;
  /** Hands a message of another node to the subscribers here. It is never sent on. */
  deliver(message: Message): void;
  /** The log of an address has a row of that position, which its readers have to get from there. */
  news(address: string, position: Cursor): void;
  /** Nothing is heard from other nodes from now on. */
  away(): void;
  /** They are heard again; `missed` says what to make up for. */
  up(): void;
  /**
   * Messages may have been lost.
   * @param concerns whether of that address, or of one that the pattern matches
   * @param since the last moment at which none was, ms since the Unix epoch
   */
  missed(concerns: (address: string) => boolean, since: number): void;
}

const nothingWanted: Wanted = { ready: undefined, drop: () => {} };

/** The relay of a node that is alone. */
export const noRelay: Relay = {
  open: async () => {},
  publish: () => {},
  room: () => undefined,
  want: () => nothingWanted,
  close: async () => {},
};
