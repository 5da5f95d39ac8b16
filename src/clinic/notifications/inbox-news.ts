import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Filter } from '../../library/inbox/filters.js';
import { Inbox } from '../../library/inbox/inbox.js';
import type { State } from '../../library/inbox/states.js';
import type { Limits } from '../limits.js';
import { MessagingTemplate } from '../../library/nest/template.js';
import { Schedule } from '../../library/store/schedule.js';
import { NOTIFICATIONS_OPTIONS, type NotificationsOptions } from './options.js';

/** Rows that were brought into a state: these, or what a list showed up to a cursor. */
export type InboxChange = { readonly state: State } & (
  { readonly ids: readonly number[] } | { readonly upTo: string; readonly filter?: Filter | undefined }
);

/** The user who owns the inbox. */
export interface Owner {
  readonly id: number;
  /** As in the user's addresses. */
  readonly name: string;
}

/**
 * Tells each user's open sessions how many notifications are unseen and unread, and which were marked on another
 * device: on `/user/queue/inbox`. The counts are the database's, asked for after the commit, for all who wait at once
 * and no more often than `inboxNewsMs`; so a burst is few messages, and counts never go back in time. More changes at once
 * than are worth telling one by one are told as one `reload`: each goes to all that a user has open. While the database
 * is away it is asked every `storeRetryMs`, and that is logged once.
 */
@Injectable()
export class InboxNews implements OnApplicationShutdown {
  readonly #logger = new Logger(InboxNews.name);
  readonly #waiting = new Map<number, News>();
  readonly #schedule: Schedule;

  constructor(
    private readonly inbox: Inbox,
    private readonly template: MessagingTemplate,
    @Inject(NOTIFICATIONS_OPTIONS) private readonly options: NotificationsOptions,
  ) {
    this.#schedule = new Schedule({
      work: () => this.#tellSome(),
      everyMs: options.limits.inboxNewsMs,
      retryMs: options.limits.storeRetryMs,
      isIdle: () => this.#waiting.size === 0,
      failed: (error) => this.#logger.error('Could not count for open sessions; tries until it can', error),
    });
  }

  /** @param change none where a row was added: that has come by itself, and only the counts are new */
  tell({ id, name }: Owner, ...changes: readonly InboxChange[]): void {
    this.#newsOf(id, name).add(changes);
    // Everybody whom this commit concerns comes before the first look.
    this.#schedule.startNow();
  }

  onApplicationShutdown(): void {
    this.#schedule.stop();
  }

  async #tellSome(): Promise<void> {
    const some = [...this.#waiting].slice(0, this.options.limits.inboxNewsUsers);
    for (const [id] of some) this.#waiting.delete(id);
    try {
      const countsOf = await this.inbox.countsOf(some.map(([id]) => id));
      for (const [id, news] of some) {
        const counts = countsOf(id);
        for (const change of news.takeChanges()) this.#push(news.name, { counts, ...change });
      }
    } catch (error) {
      for (const [id, news] of some) {
        news.addNewer(this.#newsOf(id, news.name));
        this.#waiting.set(id, news);
      }
      throw error;
    }
  }

  #newsOf(id: number, name: string): News {
    const news = this.#waiting.get(id) ?? new News(name, this.options.limits);
    this.#waiting.set(id, news);
    return news;
  }

  #push(name: string, payload: object): void {
    this.template.convertAndSendToUser(name, '/queue/inbox', payload, { 'event-type': 'inbox' });
  }
}

/** What a user's sessions haven't been told yet, in the order in which it happened. */
class News {
  #changes: InboxChange[] = [];
  #ids = 0;
  #isTooMuch = false;

  constructor(
    readonly name: string,
    private readonly limits: Pick<Limits, 'inboxNewsChanges' | 'inboxNewsIds'>,
  ) {}

  add(changes: readonly InboxChange[]): void {
    for (const change of changes) this.#join(change);
    const { inboxNewsChanges, inboxNewsIds } = this.limits;
    if (this.#changes.length > inboxNewsChanges || this.#ids > inboxNewsIds) this.#isTooMuch = true;
    if (this.#isTooMuch) [this.#changes, this.#ids] = [[], 0];
  }

  addNewer(newer: News): void {
    this.#isTooMuch ||= newer.#isTooMuch;
    this.add(newer.#changes);
  }

  /** Empty where rows were only added; `reload` in place of more than is told one by one. */
  takeChanges(): readonly (InboxChange | { readonly reload?: true })[] {
    if (this.#isTooMuch) return [{ reload: true }];
    return this.#changes.length > 0 ? this.#changes : [{}];
  }

  /** Rows that came into the same state one after the other are one change. */
  #join(change: InboxChange): void {
    if ('ids' in change) this.#ids += change.ids.length;
    const last = this.#changes.at(-1);
    if (!last || !('ids' in last) || !('ids' in change) || last.state !== change.state) {
      this.#changes.push(change);
    } else {
      this.#changes.pop();
      this.#changes.push({ ids: [...last.ids, ...change.ids], state: change.state });
    }
  }
}
