import type { Limits } from '../limits.js';
import type { Clock } from './clock.js';
import type { Receiver } from './deliveries.js';
import { Feed, type FeedServices, type FollowingLog } from './feed.js';
import { Heads, type HeadLimits } from './heads.js';
import type { Cursor } from './cursor.js';
import type { Log, LogOf } from './log.js';
import type { Draft, Message } from './message.js';
import { Slices } from './slices.js';

/** The logged addresses that somebody on this node reads. */
export class Feeds {
  readonly #feeds = new Map<string, Feed>();
  /** The node's, which the broker and the sessions use too. */
  readonly slices: Slices;
  readonly #services: FeedServices;
  readonly #heads: Heads;
  #made = 0;
  #foundByLook = 0;

  /** @param onFault told of failures that no client waits for */
  constructor(
    private readonly logOf: LogOf,
    clock: Clock,
    limits: HeadLimits & Pick<Limits, 'feedPageMessages' | 'storeRetryMs' | 'turnMs'>,
    onFault: (error: unknown) => void,
  ) {
    this.slices = new Slices(clock, limits);
    this.#services = {
      slices: this.slices,
      clock,
      pageMessages: limits.feedPageMessages,
      retryMs: limits.storeRetryMs,
      nextId: () => `resume-${++this.#made}`,
      onFault,
    };
    this.#heads = new Heads({
      clock,
      limits,
      onFault,
      followed: () => this.#followed(),
      tell: (address, head) => {
        if (this.#feeds.get(address)?.look(head)) this.#foundByLook++;
      },
    });
  }

  /** Whether an address has a log. */
  has(address: string): boolean {
    return this.logOf(address) !== undefined;
  }

  /** Whether somebody here reads the log of an address. */
  isFollowed(address: string): boolean {
    return this.#feeds.has(address);
  }

  /** How often a log had more than was heard of: what came late, or not at all. */
  get foundByLook(): number {
    return this.#foundByLook;
  }

  /**
   * @param since a cursor, or `earliest`; undefined for live messages only
   * @param ready resolves when what other nodes publish will be heard: the log is asked for its head after it, since
   *   what comes between would be missed in the other order
   * @throws {RangeError} that address has no log
   */
  follow(address: string, since: string | undefined, ready?: Promise<void>): FollowingLog {
    const feed = this.#feeds.get(address) ?? this.#open(address);
    this.#feeds.set(address, feed);
    this.#heads.watch(feed.log);
    const following = feed.follow(since, ready);
    return {
      ...following,
      close: () => {
        following.close();
        if (feed.isEmpty && this.#feeds.get(address) === feed) this.#feeds.delete(address);
        if (this.#feeds.size === 0) this.#heads.rest();
      },
    };
  }

  /** Whether the log of an address keeps what is sent there. */
  keeps(address: string): boolean {
    return this.logOf(address)?.keep !== undefined;
  }

  /** @returns as `Log#keep`; undefined where the address keeps nothing, and nothing was done */
  keep(draft: Draft, committed: (kept: Draft) => void): Promise<void> | undefined {
    return this.logOf(draft.address)?.keep?.(draft, committed);
  }

  /** @throws {Refusal} what the log of its address would never keep */
  check(draft: Draft): void {
    this.logOf(draft.address)?.check?.(draft);
  }

  /** @param isForLater takes a reader who is to get it later */
  publish(message: Message, isForLater: (reader: Receiver) => boolean = () => false): void {
    this.#feeds.get(message.address)?.publish(message, isForLater);
  }

  /** The log of an address has a row of that position: readers who lack it read it. */
  news(address: string, position: Cursor): void {
    this.#feeds.get(address)?.look(position);
  }

  /** Rows of these addresses may have been added without a word. */
  missed(concerns: (address: string) => boolean): void {
    this.#heads.look(concerns);
  }

  /** Other processes add rows without a word, from now on: logs are looked at more often. */
  trouble(): void {
    this.#heads.trouble();
  }

  calm(): void {
    this.#heads.calm();
  }

  /** These messages were acknowledged by their reader. @returns undefined where no log notes it */
  delivered(
    address: string,
    messages: readonly Pick<Message, 'position' | 'isControl'>[],
    user: string,
  ): Promise<void> | undefined {
    // A verdict has a position too, and is no row.
    const numbers = messages.flatMap(({ position, isControl }) => (isControl ? [] : (position?.seq ?? [])));
    return numbers.length > 0 ? this.logOf(address)?.delivered(address, numbers, user) : undefined;
  }

  #followed(): ReadonlyMap<Log, readonly string[]> {
    const byLog = new Map<Log, string[]>();
    for (const [address, { log }] of this.#feeds) {
      const addresses = byLog.get(log);
      if (addresses) addresses.push(address);
      else byLog.set(log, [address]);
    }
    return byLog;
  }

  #open(address: string): Feed {
    const log = this.logOf(address);
    if (!log) throw new RangeError(`${address} has no log`);
    return new Feed(address, log, this.#services);
  }
}
