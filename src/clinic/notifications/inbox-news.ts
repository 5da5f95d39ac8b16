import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Filter } from '../../library/inbox/filters.js';
import { Inbox } from '../../library/inbox/inbox.js';
import type { State } from '../../library/inbox/states.js';
import type { Limits } from '../limits.js';
import { MessagingTemplate } from '../../library/nest/template.js';
import { Schedule } from '../../library/store/schedule.js';
import { NOTIFICATIONS_OPTIONS, type NotificationsOptions } from './options.js';

/** Where news come, below `/user`. */
export const INBOX_DESTINATION = '/queue/inbox';

/** Rows that were brought into a state: these, or what a list showed up to a cursor. */
export type InboxChange = { readonly state: State } & (
  { readonly ids: readonly number[] } | { readonly upTo: string; readonly filter?: Filter | undefined }
);

/** What was told to a user: changes, `reload` for more than is told one by one, nothing where a row was added. */
export type ToldChange = InboxChange | { readonly reload?: true | undefined };

/** What a node has told of one inbox. */
export interface ToldNews extends InboxOwner {
  readonly changes: readonly ToldChange[];
}

/** The user who owns the inbox. */
export interface InboxOwner {
  readonly id: number;
  /** As in the user's addresses. */
  readonly name: string;
}

/**
 * Tells each user's open sessions how many notifications are unseen and unread, and which were marked on another
 * device: on `/user/queue/inbox`. The counts are the database's, asked for after the commit, for all who wait at once
 * and no more often than `inboxNewsMs`; so a burst is few messages. Each node counts for those who are connected to it, after it heard of the change, so that
 * counts never go back in time. More changes at once
 * than are worth telling one by one are told as one `reload`: each goes to all that a user has open. While the database
 * is away it is asked every `storeRetryMs`, and that is logged once.
 */
@Injectable()
export class InboxNews implements OnApplicationShutdown {
  readonly #logger = new Logger(InboxNews.name);
  readonly #waiting = new Map<number, News>();
  /** What happened here, for the other nodes. */
  readonly #untold = new Map<number, News>();
  readonly #schedule: Schedule;
  readonly #template: Pick<MessagingTemplate, 'convertAndSendToUser'>;
  readonly #listeners = new Set<(news: ToldNews) => void>();

  constructor(
    private readonly inbox: Inbox,
    template: MessagingTemplate,
    @Inject(NOTIFICATIONS_OPTIONS) private readonly options: NotificationsOptions,
  ) {
    this.#template = template.here();
    this.#schedule = new Schedule({
      work: () => this.#tellSome(),
      everyMs: options.limits.inboxNewsMs,
      retryMs: options.limits.storeRetryMs,
      isIdle: () => this.#waiting.size === 0,
      failed: (error) => this.#logger.error('Could not count for open sessions; tries until it can', error),
    });
  }

  /** @param change none where a row was added: that has come by itself, and only the counts are new */
  tell({ id, name }: InboxOwner, ...changes: readonly InboxChange[]): void {
    this.#newsOf(this.#waiting, id, name).add(changes);
    if (this.#listeners.size > 0) this.#newsOf(this.#untold, id, name).add(changes);
    // Everybody whom this commit concerns comes before the first look.
    this.#schedule.startNow();
  }

  /** Calls back with what was told here, for the other nodes. */
  onTold(listener: (news: ToldNews) => void): void {
    this.#listeners.add(listener);
  }

  /** Tells those who are connected here what another node has told. */
  toldElsewhere({ id, name, changes }: ToldNews): void {
    this.#newsOf(this.#waiting, id, name).add(changes);
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
        this.#tellOthers(id);
      }
    } catch (error) {
      for (const [id, news] of some) {
        news.addNewer(this.#newsOf(this.#waiting, id, news.name));
        this.#waiting.set(id, news);
      }
      throw error;
    }
  }

  #tellOthers(id: number): void {
    const news = this.#untold.get(id);
    if (!news) return;
    this.#untold.delete(id);
    for (const tell of this.#listeners) tell({ id, name: news.name, changes: news.takeChanges() });
  }

  #newsOf(all: Map<number, News>, id: number, name: string): News {
    const news = all.get(id) ?? new News(name, this.options.limits);
    all.set(id, news);
    return news;
  }

  #push(name: string, payload: object): void {
    this.#template.convertAndSendToUser(name, INBOX_DESTINATION, payload, { 'event-type': 'inbox' });
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

  add(changes: readonly ToldChange[]): void {
    for (const change of changes) {
      if ('state' in change) this.#join(change);
      else if (change.reload) this.#isTooMuch = true;
    }
    const { inboxNewsChanges, inboxNewsIds } = this.limits;
    if (this.#changes.length > inboxNewsChanges || this.#ids > inboxNewsIds) this.#isTooMuch = true;
    if (this.#isTooMuch) [this.#changes, this.#ids] = [[], 0];
  }

  addNewer(newer: News): void {
    this.#isTooMuch ||= newer.#isTooMuch;
    this.add(newer.#changes);
  }

  /** Empty where rows were only added; `reload` in place of more than is told one by one. */
  takeChanges(): readonly ToldChange[] {
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
