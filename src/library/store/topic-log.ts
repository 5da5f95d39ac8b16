import { cursorOf } from '../broker/cursor.js';
import type { Log, LogHead, LogMessage } from '../broker/log.js';
import type { Draft } from '../broker/message.js';
import { publishedOf, type KeptMessage, type TopicDraft } from './kept-message.js';
import type { LogPageQuery } from './numbered-log.js';
import type { Store } from './store.js';
import type { Appendable } from './transaction.js';

/** Topics as their rows are. */
export interface KeptTopics extends Appendable<TopicDraft, KeptMessage> {
  head(address: string): Promise<LogHead>;
  heads(addresses: readonly string[]): Promise<ReadonlyMap<string, LogHead>>;
  list(address: string, range: TopicRange): Promise<KeptMessage[]>;
  /** The number of the last row behind a position, so that these rows have so many bytes at most, or are one. */
  endOf(address: string, after: number, limit: number, maxBytes: number): Promise<number | undefined>;
}

/** Oldest first with `after`, else newest first (below `before`); neither bound is included. */
export type TopicRange = Pick<LogPageQuery, 'after' | 'before' | 'limit'>;

/** Kept topics as the logs of their addresses. */
export class TopicLog implements Log {
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(
    private readonly topics: KeptTopics,
    private readonly store: Store,
  ) {}

  head(address: string): Promise<LogHead> {
    return this.topics.head(address);
  }

  heads(addresses: readonly string[]): Promise<ReadonlyMap<string, LogHead>> {
    return this.topics.heads(addresses);
  }

  onDoubt(listener: () => void): void {
    this.store.onDoubt(listener);
  }

  async read(address: string, after: number, limit: number): Promise<LogMessage[]> {
    const end = await this.topics.endOf(address, after, limit, this.store.limits.feedPageBytes);
    if (end === undefined) return [];
    const page = await this.topics.list(address, { after, before: end + 1, limit });
    return page.map((kept) => ({ id: cursorOf(kept), ...publishedOf(kept) }));
  }

  /** Nobody's alone: what one reader has had is nothing to note. */
  async delivered(): Promise<void> {}

  /** As it is: a log that all share is nothing that one reader's word renews. */
  renew(address: string): Promise<LogHead> {
    return this.head(address);
  }

  check(draft: Draft): void {
    this.topics.check(draft);
  }

  /** One writer, in the order of the calls, for what is published to one address arrives in that order. */
  async keep(draft: Draft, committed: (kept: Draft) => void): Promise<void> {
    this.topics.check(draft);
    await new Promise<void>((resolve, reject) => {
      this.#waiting.push({ draft, committed, resolve, reject });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const together = this.#waiting.splice(0, COMMIT_DRAFTS);
      try {
        await this.#write(together);
        together.forEach(({ resolve }) => resolve());
      } catch (error) {
        together.forEach(({ reject }) => reject(error));
      }
    }
    this.#isWriting = false;
  }

  async #write(together: readonly Waiting[]): Promise<void> {
    await this.store.write(async (tx) => {
      for (const { draft, committed } of together)
        tx.append(this.topics, draft, (kept) => committed(publishedOf(kept)));
    });
  }
}

interface Waiting {
  readonly draft: Draft;
  readonly committed: (kept: Draft) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Drafts that share a commit. */
const COMMIT_DRAFTS = 256;
