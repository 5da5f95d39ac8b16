import type { Clock } from './clock.js';
import { cursorOf, type Cursor } from './cursor.js';
import type { Receiver } from './deliveries.js';
import { LogPages } from './log-pages.js';
import type { Log, LogHead, LogMessage } from './log.js';
import { isMeant, type Message } from './message.js';
import { SharedPages } from './shared-pages.js';
import { SharedQuestion } from './shared-question.js';
import type { Slices } from './slices.js';
import { judge, resumeMessage, type ResetReason } from './resume.js';
import type { Following, Subscriber } from './subscriber.js';

/** What all feeds of a node share. */
export interface FeedServices {
  readonly clock: Clock;
  readonly slices: Slices;
  /** Rows of a page that is read to catch up. */
  readonly pageMessages: number;
  /** Between a failed read and the next try, ms. */
  readonly retryMs: number;
  readonly nextId: () => string;
  readonly onFault: (error: unknown) => void;
}

/** A subscription to a log. Nothing is delivered before it starts, and nothing that is published is missed by then. */
export interface FollowingLog extends Omit<Following, 'ready'> {
  readonly opened: Promise<string>;
}

/**
 * The readers of one logged address on this node. Each has a position of its own. The next number is handed over as it
 * is published; a reader that misses one, or has no capacity, reads from the log until it has caught up. So nothing is buffered,
 * a hole heals by itself, and a reader is never closed for being slow.
 */
export class Feed {
  readonly #readers = new Set<FeedReader>();
  readonly #pages: SharedPages;
  /** The log as its readers ask it: hundreds may open at once. */
  readonly #asked: Pick<Log, 'head' | 'renew'>;
  /** The highest number that was heard of. */
  #heard = 0;

  constructor(
    readonly address: string,
    readonly log: Log,
    private readonly services: FeedServices,
  ) {
    this.#pages = new SharedPages(log, address, services.pageMessages);
    const head = new SharedQuestion(() => log.head(address));
    this.#asked = { head: () => head.ask(), renew: () => log.renew(address) };
  }

  get isEmpty(): boolean {
    return this.#readers.size === 0;
  }

  /** @param since a cursor, or `earliest`; undefined for live messages only */
  follow(since: string | undefined, ready?: Promise<void>): FollowingLog {
    const reader = new FeedReader(this.address, this.#asked, this.#pages, this.services, () => this.#heard);
    // Joined before the head is asked for: numbers that are published meanwhile are heard, and read afterwards.
    this.#readers.add(reader);
    return {
      opened: reader.open(since, ready),
      start: (subscriber) => reader.start(subscriber),
      close: () => {
        this.#readers.delete(reader);
        reader.close();
      },
    };
  }

  /**
   * Tells the readers a row of the log, mostly its head, so that one that didn't hear of a message reads it.
   * @returns whether any of them had yet to hear of it
   */
  look(at: Cursor | LogHead): boolean {
    this.#heard = Math.max(this.#heard, at.seq);
    let isNews = false;
    for (const reader of this.#readers) if (reader.look(at)) isNews = true;
    return isNews;
  }

  /** @param isForLater takes a reader that is to get it later; all hear of its number at once */
  publish(message: Message, isForLater: (reader: Receiver) => boolean): void {
    if (message.position) this.#heard = Math.max(this.#heard, message.position.seq);
    for (const reader of this.#readers) if (!isForLater(reader)) reader.deliver(message);
  }
}

type State = 'opening' | 'live' | 'reading' | 'closed';

/** What each state may be followed by. */
const next: Record<State, readonly State[]> = {
  opening: ['live', 'closed'],
  live: ['reading', 'closed'],
  reading: ['reading', 'live', 'closed'],
  closed: ['closed'],
};

/**
 * One reader of the log. It is in one of four states:
 *
 * - `opening`: its position is asked for, and nothing is delivered. `start` makes it live.
 * - `live`: it has had all that was heard of. The next number is delivered as it is published; a number that is not the
 *   next one, a head that is beyond its position, or a subscriber without capacity makes it read.
 * - `reading`: it has not had all that was heard of, and gets it from the log alone: what is published now is heard of,
 *   and read later. It stays so while its subscriber has no capacity (`onCapacity` goes on), while the log fails (a timer
 *   goes on), and while it is reset: told that something can't be had, and put to the head. It is live again once it has
 *   had everything, with no await between that look and the change, or a message would be neither heard nor read.
 * - `closed`: nothing is delivered any more; whatever was awaited ends without effect. From every state, and for good.
 */
class FeedReader implements Receiver {
  #epoch = '';
  /** Up to here all was delivered. */
  #position = 0;
  /** Up to here it is a replay. */
  #replayTo = 0;
  /** What `start` says first. */
  #opening: Message | undefined;
  #state: State = 'opening';
  #subscriber: Subscriber | undefined;

  constructor(
    private readonly address: string,
    private readonly log: Pick<Log, 'head' | 'renew'>,
    private readonly shared: SharedPages,
    private readonly services: FeedServices,
    private readonly heard: () => number,
  ) {}

  async open(since: string | undefined, ready?: Promise<void>): Promise<string> {
    if (ready) await ready;
    let head = await this.log.head(this.address);
    let judged = since === undefined ? undefined : judge(since, head);
    if (since !== undefined && judged?.verdict.reason === 'ahead') {
      // The reader saw numbers that this log never gave: the log was restored from a backup, and may give them anew to other rows.
      head = await this.log.renew(this.address);
      judged = judge(since, head, 'ahead');
    }
    this.#epoch = head.epoch;
    this.#position = judged?.position.seq ?? head.seq;
    this.#replayTo = head.seq;
    if (judged) this.#opening = resumeMessage(this.services.nextId(), this.address, judged);
    return cursorOf({ epoch: this.#epoch, seq: this.#position });
  }

  start(subscriber: Subscriber): void {
    if (this.#state !== 'opening') return;
    this.#subscriber = subscriber;
    this.#enter('live');
    if (this.#opening) subscriber.deliver(this.#opening);
    if (this.#isClosed) return;
    if (this.#position < Math.max(this.heard(), this.#replayTo)) void this.#catchUp();
  }

  deliver(message: Message): void {
    const { position } = message;
    const subscriber = this.#subscriber;
    if (!subscriber || this.#isClosed) return;
    // Something that the application sends to a logged address without logging it.
    if (!position) {
      if (isMeant(message.audience, subscriber)) subscriber.deliver(message);
      return;
    }
    if (this.#state === 'reading') return;
    if (position.epoch !== this.#epoch) {
      if (this.#opening) return void this.#reset('unknown_epoch');
      // A reader that never asked for a position isn't told of one. A log that was restored gives lower numbers anew.
      this.#epoch = position.epoch;
      this.#position = Math.min(this.#position, position.seq - 1);
    }
    if (position.seq <= this.#position) return;
    if (position.seq === this.#position + 1 && subscriber.hasCapacity()) this.#deliver(message, position.seq);
    else void this.#catchUp();
  }

  /** @returns whether it reads now */
  look({ epoch, seq }: Cursor): boolean {
    if (this.#state !== 'live') return false;
    if (epoch !== this.#epoch) {
      if (this.#opening) {
        void this.#reset('unknown_epoch');
        return true;
      }
      this.#epoch = epoch;
      this.#position = seq;
    }
    if (this.#position >= seq) return false;
    void this.#catchUp();
    return true;
  }

  close(): void {
    this.#enter('closed');
  }

  /** Reads while there is something that was heard of and not had. */
  async #catchUp(): Promise<void> {
    this.#enter('reading');
    const pages = new LogPages(this.shared, this.services.pageMessages);
    this.shared.begin();
    try {
      while (this.#position < Math.max(this.heard(), this.#replayTo)) {
        if (!this.#hasCapacity()) return this.#subscriber?.onCapacity(() => this.#goOn());
        const page = await pages.after(this.#position);
        if (this.#isClosed) return;
        if (page.length === 0) {
          // The head knew of it, and it is gone.
          if (this.#position < this.#replayTo) return await this.#reset('pruned');
          // Heard of and not there: another node's, not visible yet. The next number makes this read again.
          break;
        }
        for (let rest: readonly LogMessage[] = page; rest.length > 0;) {
          // What is pruned needn't be the oldest: a log may keep some rows longer than others.
          if (rest[0]?.position.seq !== this.#position + 1) return await this.#reset('pruned');
          // Hundreds may catch up at once, and others have their turn between them.
          rest = await this.services.slices.inTurn(`to ${this.address}`, () => this.#deliverSome(rest));
          if (this.#isClosed) return;
          if (!this.#hasCapacity()) break;
        }
      }
      // No await between the last look at what was heard and this: nothing can be published in between.
      this.#enter('live');
    } catch (error) {
      this.services.onFault(error);
      this.services.clock.after(this.services.retryMs, () => this.#goOn());
    } finally {
      this.shared.end();
    }
  }

  /** As many as there is time and room for, up to the first that is missing. @returns the others */
  #deliverSome(rows: readonly LogMessage[]): readonly LogMessage[] {
    for (const [i, row] of rows.entries()) {
      const { seq } = row.position;
      if (this.#isClosed || !this.#hasCapacity() || seq !== this.#position + 1) return rows.slice(i);
      this.#deliver(seq > this.#replayTo ? row : this.shared.replayed(row), seq);
      if (this.services.slices.isOverFor(`to ${this.address}`)) return rows.slice(i + 1);
    }
    return [];
  }

  /** What the reader lacks can't be had: it is told so, and goes on from the head. */
  async #reset(reason: ResetReason): Promise<void> {
    if (this.#isClosed) return;
    this.#enter('reading');
    this.shared.clear();
    try {
      const from = cursorOf({ epoch: this.#epoch, seq: this.#position });
      const head = await this.log.head(this.address);
      if (this.#isClosed) return;
      const judged = judge(from, head, reason);
      this.#epoch = head.epoch;
      this.#position = this.#replayTo = head.seq;
      this.#subscriber?.deliver(resumeMessage(this.services.nextId(), this.address, judged));
      this.#goOn();
    } catch (error) {
      this.services.onFault(error);
      this.services.clock.after(this.services.retryMs, () => void this.#reset(reason));
    }
  }

  #goOn(): void {
    if (!this.#isClosed) void this.#catchUp();
  }

  #deliver(message: Message, seq: number): void {
    // Before the delivery, which may end in this reader's own close.
    this.#position = seq;
    const subscriber = this.#subscriber;
    // What isn't for this reader has its number all the same, and isn't missed.
    if (subscriber && isMeant(message.audience, subscriber)) subscriber.deliver(message);
  }

  #hasCapacity(): boolean {
    return this.#subscriber?.hasCapacity() ?? false;
  }

  #enter(state: State): void {
    if (!next[this.#state].includes(state))
      throw new Error(`A reader that is ${this.#state} was made ${state}`);
    this.#state = state;
  }

  get #isClosed(): boolean {
    return this.#state === 'closed';
  }
}
