import type { Http } from '../api/http.js';
import {
  countNotifications,
  listNotifications,
  markNotification,
  readAll,
  type Filter,
  type Marks,
} from '../api/notifications.js';
import { explain } from '../api/problem.js';
import type { InboxNews, Notification, NotificationPage } from '../api/types.js';
import type { Message } from '../realtime/link.js';
import type { Realtime } from '../realtime/realtime.js';
import { steadyNow } from '../state/steady-now.js';
import { createStore, type Readable } from '../state/store.js';
import {
  emptyList,
  fromPages,
  isOpen,
  withArrival,
  withMarks,
  withNews,
  withPage,
  type NotificationList,
} from './notification-list.js';

/** What the page knows of the inbox, and how well. */
export interface InboxState {
  readonly list: NotificationList;
  /** Which list waits for a page. */
  readonly loading: Filter | null;
  readonly error: string | null;
  /** When the list was last known to be complete. */
  readonly asOf: number | null;
}

/** What the inbox tells the page. */
export interface InboxEvents {
  /** One rang just now. Not for what is caught up on. */
  onRing(notification: Notification): void;
  /** The subscription stands, first or again: what came while we were away, newest first. */
  onCaughtUp(missed: readonly Notification[]): void;
  /** The server refused a mark, which has been taken back. */
  onFailure(sentence: string): void;
}

const destination = '/user/queue/notifications';
/** What the user's other windows marked. First of the two, so that it stands when the list is fetched. */
const newsDestination = '/user/queue/inbox';
const countDelayMs = 300;
const pageSize = 20;
/** Of what has been shown already, all is asked for again at once, so in larger pieces; further down it is let go. */
const againSize = 100;
const againPages = 10;
const retryMs = 10_000;

/** What `/app/notifications.…` is called. */
type Verb = 'read' | 'unread' | 'archive' | 'unarchive';

type Change = (list: NotificationList) => NotificationList;

/** The user's notifications: rows by REST, news by STOMP, one list of both. */
export class Inbox {
  readonly #http: Http;
  readonly #realtime: Realtime;
  readonly #events: InboxEvents;
  readonly #state = createStore<InboxState>({ list: emptyList, loading: 'all', error: null, asOf: null });
  /** Up to where the server was told of seeing. */
  #seenUpTo: string | undefined;
  #countTimer: ReturnType<typeof setTimeout> | undefined;
  /** What has changed since each of the answers was asked for that are on their way. */
  readonly #journals = new Set<Change[]>();

  constructor(http: Http, realtime: Realtime, events: InboxEvents) {
    this.#http = http;
    this.#realtime = realtime;
    this.#events = events;
  }

  get state(): Readable<InboxState> {
    return this.#state;
  }

  /** Subscribes; each time the server has the subscription, what is shown is loaded, so nothing falls between. */
  start(): () => void {
    void this.load('all');
    const ends = [
      this.#realtime.subscribe({
        destination: newsDestination,
        onMessage: ({ body, eventType }) => {
          if (eventType === 'inbox') this.#hear(body as InboxNews);
        },
      }),
      this.#realtime.subscribe({
        destination,
        since: () => this.#state.get().list.cursor,
        onMessage: (message) => this.#receive(message),
        onReady: () => void this.#catchUp(),
      }),
    ];
    return () => {
      clearTimeout(this.#retryTimer);
      ends.forEach((end) => end());
    };
  }

  /** The first page of a list, or a fresh one. */
  async load(filter: Filter): Promise<void> {
    await this.#fetchPage(filter, undefined);
  }

  async loadMore(filter: Filter): Promise<void> {
    const next = this.#state.get().list.extents[filter]?.next;
    if (next !== null && next !== undefined) await this.#fetchPage(filter, next);
  }

  /** The panel was opened: while live all that it can list has been seen, loaded or not; else what is loaded. */
  async markSeen(): Promise<void> {
    const { byId, cursor } = this.#state.get().list;
    const ids = [...byId.values()]
      .filter(({ isSeen, isArchived }) => !isSeen && !isArchived)
      .map(({ id }) => id);
    const upTo = this.#realtime.canSend ? cursor : undefined;
    if (ids.length === 0 && (upTo === undefined || upTo === this.#seenUpTo)) return;

    this.#change((list) => withMarks(list, ids, { isSeen: true }));
    try {
      if (upTo === undefined) {
        await Promise.all(ids.map((id) => markNotification(this.#http, id, { isSeen: true })));
      } else {
        this.#seenUpTo = upTo;
        await this.#realtime.send('/app/notifications.seen', { upTo });
      }
    } catch {
      // Not worth an alert: the server's counts say what is unseen still.
      this.#seenUpTo = undefined;
    }
    this.#countSoon();
  }

  async markRead(item: Notification): Promise<void> {
    if (!item.isRead) await this.#mark('read', [item], { isRead: true });
  }

  async markUnread(items: readonly Notification[]): Promise<void> {
    await this.#mark('unread', items, { isRead: false });
  }

  async archive(item: Notification): Promise<void> {
    await this.#mark('archive', [item], { isArchived: true });
  }

  async putBack(item: Notification): Promise<void> {
    await this.#mark('unarchive', [item], { isArchived: false });
  }

  /**
   * Marks what was there when the user looked; what arrives meanwhile stays unread.
   * @returns those that were unread, as far as they are loaded
   */
  async markAllRead(): Promise<readonly Notification[]> {
    const { cursor, byId } = this.#state.get().list;
    if (cursor === undefined) return [];
    const unread = [...byId.values()].filter(({ isRead, isArchived }) => !isRead && !isArchived);
    await this.#optimistically(unread, { isRead: true }, async () => {
      await readAll(this.#http, cursor);
    });
    return unread;
  }

  async #mark(verb: Verb, items: readonly Notification[], marks: Marks): Promise<void> {
    if (items.length === 0) return;
    const ids = items.map(({ id }) => id);
    await this.#optimistically(items, marks, async () => {
      if (this.#realtime.canSend) await this.#realtime.send(`/app/notifications.${verb}`, { ids });
      else await Promise.all(ids.map((id) => markNotification(this.#http, id, marks)));
    });
  }

  /** Shows the change at once, takes it back if the server refuses, and asks for the true counts in the end. */
  async #optimistically(
    items: readonly Notification[],
    marks: Marks,
    tell: () => Promise<void>,
  ): Promise<void> {
    const ids = items.map(({ id }) => id);
    this.#change((list) => withMarks(list, ids, marks));
    try {
      await tell();
    } catch (error) {
      for (const { id, isRead, isSeen, isArchived } of items) {
        this.#change((list) => withMarks(list, [id], { isRead, isSeen, isArchived }));
      }
      this.#events.onFailure(`The notifications could not be changed. ${explain(error)}`);
    }
    this.#countSoon();
  }

  #hear(news: InboxNews): void {
    this.#change((list) => withNews(list, news));
    if (news.reload === true) void this.#catchUp();
  }

  #receive({ body, eventType, replayed }: Message): void {
    // The resume message says what follows; rows are merged by id, and what is shown is asked for again anyway.
    if (eventType === 'resume') return;
    const notification = body as Notification;
    const isNew = !this.#state.get().list.byId.has(notification.id);
    this.#change((list) => withArrival(list, notification));
    if (!isNew || replayed) return;
    this.#rang.add(notification.id);
    this.#events.onRing(notification);
  }

  /** Up to here all has rung, or was told as missed. */
  #toldUpTo: number | undefined;
  /** What rang above that. */
  readonly #rang = new Set<number>();
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  /** Everything that has been loaded is asked for again: what was marked meanwhile on another device isn't told anew. */
  async #catchUp(): Promise<void> {
    clearTimeout(this.#retryTimer);
    const isDone = await this.#replace();
    if (!isDone) this.#retryTimer = setTimeout(() => void this.#catchUp(), retryMs);
    this.#events.onCaughtUp(isDone ? this.#takeMissed() : []);
  }

  /** Without a subscription: what is new rings as it would have then. @returns whether the server answered */
  async lookAgain(): Promise<boolean> {
    const isDone = await this.#replace();
    const missed = isDone ? this.#takeMissed() : [];
    for (const notification of missed.toReversed()) this.#events.onRing(notification);
    return isDone;
  }

  #takeMissed(): readonly Notification[] {
    const { list } = this.#state.get();
    const told = this.#toldUpTo ?? 0;
    const missed = [...list.byId.values()].filter(
      ({ id, seq }) => seq > told && !this.#rang.has(id) && isOpen(list, id),
    );
    this.#toldUpTo = highest(list);
    this.#rang.clear();
    return missed.toSorted((a, b) => b.seq - a.seq);
  }

  /** @returns whether the server answered */
  #replace(): Promise<boolean> {
    const { extents } = this.#state.get().list;
    return this.#fetch('all', async () => {
      // The one that counts last: what is in both is taken from it.
      const unread = extents.unread && (await this.#pagesAgain('unread', extents.unread.floor));
      const all = await this.#pagesAgain('all', extents.all?.floor);
      return () => fromPages({ all, ...(unread && { unread }) });
    });
  }

  /** @param floor the `seq` down to which it had been loaded; undefined when it hadn't */
  async #pagesAgain(filter: Filter, floor: number | undefined): Promise<readonly NotificationPage[]> {
    const pages: NotificationPage[] = [];
    const limit = floor === undefined ? pageSize : againSize;
    let before: string | undefined;
    do {
      const page: NotificationPage = await listNotifications(this.#http, { filter, limit, before });
      pages.push(floor === undefined ? page : downTo(page, floor));
      before = page.next ?? undefined;
    } while (before !== undefined && lowest(pages.at(-1)) > (floor ?? Infinity) && pages.length < againPages);
    return pages;
  }

  async #fetchPage(filter: Filter, before: string | undefined): Promise<void> {
    await this.#fetch(filter, async () => {
      const page = await listNotifications(this.#http, { filter, limit: pageSize, before });
      return (list) => withPage(list, filter, page, before === undefined);
    });
  }

  /**
   * What changes while an answer is on its way is done again on top of it: the answer may be older.
   * @returns whether the server answered
   */
  async #fetch(filter: Filter, ask: () => Promise<Change>): Promise<boolean> {
    const meanwhile: Change[] = [];
    this.#journals.add(meanwhile);
    this.#state.update((state) => ({ ...state, loading: filter, error: null }));
    try {
      const change = await ask();
      this.#state.update((state) => ({
        ...state,
        list: meanwhile.reduce((list, again) => again(list), change(state.list)),
        loading: null,
        asOf: steadyNow(),
      }));
      // What was there at first is no news.
      this.#toldUpTo ??= highest(this.#state.get().list);
      return true;
    } catch (error) {
      this.#state.update((state) => ({ ...state, loading: null, error: explain(error) }));
      return false;
    } finally {
      this.#journals.delete(meanwhile);
    }
  }

  /** The counts are the server's: other devices read, too. */
  #countSoon(): void {
    clearTimeout(this.#countTimer);
    this.#countTimer = setTimeout(() => void this.#count(), countDelayMs);
  }

  async #count(): Promise<void> {
    try {
      const counts = await countNotifications(this.#http);
      this.#change((list) => ({ ...list, counts }));
    } catch {
      // Our own arithmetic stands until the next page brings the server's.
    }
  }

  #change(change: Change): void {
    for (const journal of this.#journals) journal.push(change);
    this.#state.update((state) => ({ ...state, list: change(state.list) }));
  }
}

function highest({ byId }: NotificationList): number {
  return Math.max(0, ...[...byId.values()].map(({ seq }) => seq));
}

/** No deeper than it had been loaded: who wants more asks for it. */
function downTo(page: NotificationPage, floor: number): NotificationPage {
  const items = page.items.filter(({ seq }) => seq >= floor);
  const last = items.at(-1);
  return last && items.length < page.items.length ? { ...page, items, next: last.cursor } : page;
}

function lowest(page: NotificationPage | undefined): number {
  return Math.min(Infinity, ...(page?.items ?? []).map(({ seq }) => seq));
}
