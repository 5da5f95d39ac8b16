import { setImmediate, setTimeout } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Filter } from '../inbox/filters.js';
import { Inbox } from '../inbox/inbox.js';
import type { State } from '../inbox/states.js';
import { MessagingTemplate } from '../messaging/template.js';
import { NOTIFICATIONS_OPTIONS, type NotificationsOptions } from './options.js';

/** Rows that were brought into a state: these, or what a list showed up to a cursor. */
export type Change = { readonly state: State } & (
  { readonly ids: readonly number[] } | { readonly upTo: string; readonly filter?: Filter | undefined }
);

/** Whose inbox it is. */
export interface Owner {
  readonly id: number;
  /** As in the user's addresses. */
  readonly name: string;
}

/**
 * Tells each user's open sessions how many notifications are unseen and unread, and which were marked on another
 * device: on `/user/queue/inbox`. The counts are the database's, asked for after the commit, for all who wait at once
 * and no more often than `inboxNewsMs`; so a burst is few messages, and counts never go back in time. While the database
 * is away it is asked every `storeRetryMs`, and that is logged once.
 */
@Injectable()
export class InboxNews implements OnApplicationShutdown {
  readonly #logger = new Logger(InboxNews.name);
  readonly #waiting = new Map<number, News>();
  readonly #stopped = new AbortController();
  #isTelling = false;
  #hasFailed = false;

  constructor(
    private readonly inbox: Inbox,
    private readonly template: MessagingTemplate,
    @Inject(NOTIFICATIONS_OPTIONS) private readonly options: NotificationsOptions,
  ) {}

  /** @param change none where a row was added: that has come by itself, and only the counts are new */
  tell({ id, name }: Owner, ...changes: readonly Change[]): void {
    const news = this.#waiting.get(id) ?? { name, changes: [] };
    this.#waiting.set(id, { name, changes: changes.reduce(joined, news.changes) });
    if (!this.#isTelling && !this.#isStopped) void this.#tellAll();
  }

  onApplicationShutdown(): void {
    this.#stopped.abort();
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    const { inboxNewsMs, storeRetryMs } = this.options.limits;
    // Everybody whom this commit concerns comes before the first look.
    await setImmediate();
    while (this.#waiting.size > 0 && !this.#isStopped) {
      await this.#tellSome();
      // Rejected at the shutdown, when nobody is there to be told.
      const pauseMs = this.#hasFailed ? storeRetryMs : inboxNewsMs;
      await setTimeout(pauseMs, undefined, { ref: false, signal: this.#stopped.signal }).catch(
        () => undefined,
      );
    }
    this.#isTelling = false;
  }

  async #tellSome(): Promise<void> {
    const some = [...this.#waiting].slice(0, this.options.limits.inboxNewsUsers);
    for (const [id] of some) this.#waiting.delete(id);
    try {
      const countsOf = await this.inbox.countsOf(some.map(([id]) => id));
      this.#hasFailed = false;
      for (const [id, { name, changes }] of some) {
        const counts = countsOf(id);
        for (const change of changes.length > 0 ? changes : [{}]) this.#push(name, { counts, ...change });
      }
    } catch (error) {
      if (this.#isStopped) return;
      if (!this.#hasFailed)
        this.#logger.error('Could not count for open sessions; tries until it can', error);
      this.#hasFailed = true;
      for (const [id, { name, changes }] of some) {
        const newer = this.#waiting.get(id)?.changes ?? [];
        this.#waiting.set(id, { name, changes: newer.reduce(joined, changes) });
      }
    }
  }

  get #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  #push(name: string, payload: object): void {
    this.template.convertAndSendToUser(name, '/queue/inbox', payload, { 'event-type': 'inbox' });
  }
}

interface News {
  readonly name: string;
  /** In the order in which they were made. */
  readonly changes: readonly Change[];
}

/** Rows that came into the same state one after the other are one change. */
function joined(changes: readonly Change[], change: Change): readonly Change[] {
  const last = changes.at(-1);
  if (!last || !('ids' in last) || !('ids' in change) || last.state !== change.state)
    return [...changes, change];
  return [...changes.slice(0, -1), { ids: [...last.ids, ...change.ids], state: change.state }];
}
