/**
 * The way to the other nodes through one engine (PostgreSQL, Redis, RabbitMQ). It carries payloads on channels and knows
 * nothing of what they mean. What is sent is heard once at most by each node that listens, also by the one that sent it.
 * What is lost on the way is lost without a word: a user that has to notice it numbers the payloads.
 *
 * Names of channels are 1 to 63 characters of `A-Z a-z 0-9 . : _ -`.
 */
export interface Line {
  /** Bytes of one payload, at most. */
  readonly largest: number;
  /**
   * Connects, and connects again whenever the connection is lost, until `close`. Called once, and first. Never rejects.
   * @returns when first connected, or after `relayStartMs`
   */
  open(events: LineEvents): Promise<void>;
  /**
   * From now on, and again after each loss of the connection, these channels are heard.
   * @returns when the engine has confirmed it, so that whatever any node sends from then on is heard; or when the line is
   *   away, or closed. Never rejects
   */
  listen(channels: readonly string[]): Promise<void>;
  /** These are no longer heard; what is on its way may still be. */
  unlisten(channels: readonly string[]): void;
  /**
   * Sends a payload, which must not be changed afterwards. Payloads of one channel are heard in the order in which they
   * were sent.
   * @returns false: the line is away, or too much is waiting (`relayOutboxBytes`), or the payload is over `largest`; it is
   *   dropped
   */
  send(channel: string, payload: Uint8Array): boolean;
  /** Bytes that were sent and that the engine hasn't taken yet. */
  unsentBytes(): number;
  /** Calls back once, as soon as `unsentBytes` is below a quarter of `relayOutboxBytes`: at once where it is now. */
  onDrain(callback: () => void): void;
  /** Nothing is heard or told any more, and no connection and no timer is left. What waits is sent first if that is quick. */
  close(): Promise<void>;
}

/** What a line tells. None of these may throw; a line that one does throw at goes on. */
export interface LineEvents {
  /** The payload may be a view of memory that is used again: what is kept of it is copied. */
  heard(channel: string, payload: Uint8Array): void;
  /** Connected, at first and again, and everything is listened to that was asked for. */
  up(): void;
  /** The connection is lost, or couldn't be made: told once for each outage, with its first cause. */
  away(cause: Error): void;
}
