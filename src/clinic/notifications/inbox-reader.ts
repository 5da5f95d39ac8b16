import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '../errors.js';
import { Inbox, type Counts } from '../../library/inbox/inbox.js';
import { ownerOf } from '../../library/store/owner.js';
import { rangeOf } from '../../library/store/position.js';
import { changeState, type State } from '../../library/inbox/states.js';
import { Store } from '../../library/store/store.js';
import { InboxNews, type InboxChange, type InboxOwner } from './inbox-news.js';
import { notificationOf, type Notification } from './notification.js';
import { NOTIFICATIONS_OPTIONS, type NotificationsOptions } from './options.js';
import { readPage } from './pages.js';
import { reachedPositionOf } from './positions.js';
import type { Ack, NotificationQuery, MarkedRows } from './schemas.js';

/** A page of an inbox. */
export interface NotificationPage {
  readonly items: Notification[];
  readonly next: string | null;
  readonly counts: Counts;
  /** The head: a stream that starts after it misses nothing that this page doesn't have. */
  readonly cursor: string;
}

/** What a user sees of the own inbox, and does with it. */
@Injectable()
export class InboxReader {
  constructor(
    private readonly inbox: Inbox,
    private readonly store: Store,
    private readonly news: InboxNews,
    @Inject(NOTIFICATIONS_OPTIONS) private readonly options: NotificationsOptions,
  ) {}

  /** Newest first, or oldest first with `after`. @throws {Refusal} invalid_request, cursor_reset */
  async list(
    owner: number,
    { filter, after, before, ...query }: NotificationQuery,
  ): Promise<NotificationPage> {
    const limit = Math.min(query.limit, this.options.limits.pageItems);
    // Before the rows, so that none can fall between the page and a stream from `cursor`.
    const head = await this.inbox.head(owner);
    const { rows, next } = await readPage(head, { after, before, limit }, filter === 'all', (range) =>
      this.inbox.list({ owner, filter, ...range }),
    );
    return {
      items: rows.map(notificationOf),
      next,
      counts: await this.inbox.counts(owner),
      cursor: rangeOf(head).cursor,
    };
  }

  counts(owner: number): Promise<Counts> {
    return this.inbox.counts(owner);
  }

  /** Brings a row into some states, in one transaction. @throws {Refusal} not_found, also for another's */
  async mark(owner: InboxOwner, id: number, states: readonly State[]): Promise<Notification> {
    const changes = await this.store.write(async ({ manager }) => {
      const changed: InboxChange[] = [];
      for (const state of states) {
        const rows = await changeState(manager, owner.id, { ids: [id] }, state);
        if (rows.length > 0) changed.push({ ids: [id], state });
      }
      return changed;
    }, ownerOf(owner.id));
    if (changes.length > 0) this.news.tell(owner, ...changes);
    const entry = await this.inbox.find(owner.id, id);
    if (!entry) throw new Refusal('not_found', 'There is no such notification.');
    return notificationOf(entry);
  }

  /** @returns how many changed @throws {Refusal} invalid_request, cursor_reset */
  async markAll(owner: InboxOwner, rows: MarkedRows, state: State): Promise<number> {
    if ('ids' in rows) {
      const ids = await this.inbox.mark(owner.id, rows, state);
      if (ids.length > 0) this.news.tell(owner, { ids, state });
      return ids.length;
    }
    const { upTo, filter } = rows;
    const seq = reachedPositionOf(upTo, await this.inbox.head(owner.id), 'upTo');
    const changed = await this.inbox.markAll(owner.id, { upTo: seq, filter }, state);
    if (changed > 0) this.news.tell(owner, { upTo, filter, state });
    return changed;
  }

  /** These have arrived: the counts don't change by it. @throws {Refusal} invalid_request, cursor_reset */
  async acknowledge(owner: number, rows: Ack): Promise<void> {
    if ('ids' in rows) return void (await this.inbox.mark(owner, rows, 'delivered'));
    const seq = reachedPositionOf(rows.upTo, await this.inbox.head(owner), 'upTo');
    await this.inbox.markAll(owner, { upTo: seq }, 'delivered');
  }
}
