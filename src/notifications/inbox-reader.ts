import { Inject, Injectable } from '@nestjs/common';
import { HttpError } from '../errors.js';
import { Inbox, type Counts } from '../inbox/inbox.js';
import { rangeOf } from '../inbox/position.js';
import type { State } from '../inbox/states.js';
import { notificationOf, type Notification } from './notification.js';
import { positionOf, provablePositionOf } from './positions.js';
import type { ListQuery, MarkedRows } from './schemas.js';

/** How many items a page has at most, however many are asked for. */
export const PAGE_ITEMS = Symbol('carillon:page-items');

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
    @Inject(PAGE_ITEMS) private readonly pageItems: number,
  ) {}

  /** Newest first, or oldest first with `after`. @throws {HttpError} invalid_request, cursor_reset */
  async list(owner: number, { filter, after, before, ...query }: ListQuery): Promise<NotificationPage> {
    const limit = Math.min(query.limit, this.pageItems);
    // Before the rows, so that none can fall between the page and a stream from `cursor`.
    const head = await this.inbox.head(owner);
    const positionAfter = filter === 'all' ? provablePositionOf : positionOf;
    const found = await this.inbox.list({
      owner,
      filter,
      after: after === undefined ? undefined : positionAfter(after, head, 'after'),
      before: before === undefined ? undefined : positionOf(before, head, 'before'),
      // One more than asked for shows whether there is a next page.
      limit: limit + 1,
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(notificationOf),
      next: found.length > limit && last ? last.cursor : null,
      counts: await this.inbox.counts(owner),
      cursor: rangeOf(head).cursor,
    };
  }

  counts(owner: number): Promise<Counts> {
    return this.inbox.counts(owner);
  }

  /** @throws {HttpError} not_found, also for another's */
  async mark(owner: number, id: number, states: readonly State[]): Promise<Notification> {
    for (const state of states) await this.inbox.mark(owner, { ids: [id] }, state);
    const entry = await this.inbox.find(owner, id);
    if (!entry) throw new HttpError('not_found', 'There is no such notification.');
    return notificationOf(entry);
  }

  /** @returns how many changed @throws {HttpError} invalid_request, cursor_reset */
  async markAll(owner: number, rows: MarkedRows, state: State): Promise<number> {
    if ('ids' in rows) return (await this.inbox.mark(owner, rows, state)).length;
    const upTo = positionOf(rows.upTo, await this.inbox.head(owner), 'upTo');
    return (await this.inbox.mark(owner, { upTo }, state)).length;
  }
}
