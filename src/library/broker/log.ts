import type { Cursor } from './cursor.js';
import type { Draft, Message } from './message.js';

/** A message of a log, with its place in it. */
export interface LogMessage extends Message {
  /** Its `seq` is 1, 2, 3 … without holes, but for rows that were pruned. */
  readonly position: Cursor;
}

/** How far a log goes, and from where on. */
export interface LogHead {
  readonly epoch: string;
  /** The newest message's number; 0 in a log that never had one. */
  readonly seq: number;
  /** The oldest position after which every message can still be had. */
  readonly earliest: number;
}

/** Keeps the messages of an address in order, so that a reader that was away can read what it missed. */
export interface Log {
  head(address: string): Promise<LogHead>;
  /** The same of several addresses, in one question; those that have none are left out. By default each is asked for. */
  heads?(addresses: readonly string[]): Promise<ReadonlyMap<string, LogHead>>;
  /** Calls back whenever nobody can say whether messages were added: a COMMIT whose answer was lost. */
  onDoubt?(listener: () => void): void;
  /** Committed messages behind a position, in order, `limit` at most. */
  read(address: string, after: number, limit: number): Promise<LogMessage[]>;
  /**
   * Adds what is sent to the address; resolves when it is stored and was told of. Absent: what is sent there isn't kept,
   * and what is kept comes in another way.
   * @param committed told after COMMIT, in the order of numbers, of the message as it is to be published
   */
  keep?(draft: Draft, committed: (kept: Draft) => void): Promise<void>;
  /** Looks at what would be kept, and keeps nothing. @throws {Refusal} it never would be, whatever else is there */
  check?(draft: Draft): void;
  /** These were acknowledged by their reader. @param user the reader's name */
  delivered(address: string, numbers: readonly number[], user: string): Promise<void>;
  /** Gives the log a new epoch: a reader has seen numbers that it doesn't have, so a backup was restored. */
  renew(address: string): Promise<LogHead>;
}

/** Which addresses have a log. */
export type LogOf = (address: string) => Log | undefined;

/** For a broker without logs. */
export const noLogs: LogOf = () => undefined;
