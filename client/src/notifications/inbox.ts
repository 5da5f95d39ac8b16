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
import type { InboxNews, Notification } from '../api/types.js';
import type { Message } from '../realtime/link.js';
import type { Realtime } from '../realtime/realtime.js';
import { steadyNow } from '../state/steady-now.js';
import { createStore, type Readable } from '../state/store.js';
import {
  emptyList,
  withArrival,
  withMarks,
  withNews,
  withPage,
  type NotificationList,
} from './notification-list.js';

export interface InboxState {
  readonly list: NotificationList;
  /** Which list waits for a page. */
  readonly loading: Filter | null;
  readonly error: string | null;
  /** When the list was last known to be complete. */
  readonly asOf: number | null;
}

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

/** The user's notifications: rows by REST, news by STOMP, one list of both. */
export class Inbox {
  readonly #http: Http;
  readonly #realtime: Realtime;
  readonly #events: InboxEvents;
  readonly #state = createStore<InboxState>({ list: emptyList, loading: 'all', error: null, asOf: null });
  /** Up to where the server was told of seeing. */
  #seenUpTo: string | undefined;
  #countTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(http: Http, realtime: Realtime, events: InboxEvents) {
    this.#http = http;
    this.#realtime = realtime;
    this.#events = events;
  }

  get state(): Readable<InboxState> {
    return this.#state;
  }

  /** Subscribes; each time the server has the subscription, the first page is loaded, so nothing falls between. */
  start(): () => void {
    void this.load('all');
    const ends = [
      this.#realtime.subscribe({
        destination: newsDestination,
        onMessage: ({ body, eventType }) => {
          if (eventType === 'inbox') this.#change((list) => withNews(list, body as InboxNews));
        },
      }),
      this.#realtime.subscribe({
        destination,
        since: () => this.#state.get().list.cursor,
        onMessage: (message) => this.#receive(message),
        onReady: () => void this.#catchUp(),
      }),
    ];
    return () => ends.forEach((end) => end());
  }

  /** The first page of a list, or a fresh one. */
  async load(filter: Filter): Promise<void> {
    await this.#fetch(filter, undefined);
  }

  async loadMore(filter: Filter): Promise<void> {
    const next = this.#state.get().list.extents[filter]?.next;
    if (next !== null && next !== undefined) await this.#fetch(filter, next);
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

  async archive(item: Notification): Promise<void> {
    await this.#mark('archive', [item], { isArchived: true });
  }

  /** Marks what was there when the user looked; what arrives meanwhile stays unread. */
  async markAllRead(): Promise<void> {
    const { cursor, byId } = this.#state.get().list;
    if (cursor === undefined) return;
    const unread = [...byId.values()].filter(({ isRead }) => !isRead);
    await this.#optimistically(unread, { isRead: true }, async () => {
      await readAll(this.#http, cursor);
    });
  }

  async #mark(verb: 'read' | 'archive', items: readonly Notification[], marks: Marks): Promise<void> {
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

  #receive({ body, eventType, replayed }: Message): void {
    // The resume message says what follows; rows are merged by id and the first page is read anyway.
    if (eventType === 'resume') return;
    const notification = body as Notification;
    const isNew = !this.#state.get().list.byId.has(notification.id);
    this.#change((list) => withArrival(list, notification));
    if (isNew && !replayed) this.#events.onRing(notification);
    if (isNew && replayed) this.#missed.push(notification);
  }

  /** What was replayed since the subscription, until the page has come and it can be told as one. */
  #missed: Notification[] = [];

  async #catchUp(): Promise<void> {
    const before = this.#state.get();
    await this.load('all');
    const { list } = this.#state.get();
    const isFirst = before.asOf === null;
    const fetched = [...list.byId.values()].filter(
      ({ id, seq }) => !before.list.byId.has(id) && seq > highest(before.list),
    );
    const missed = [...new Map([...this.#missed, ...fetched].map((item) => [item.id, item])).values()];
    this.#missed = [];
    this.#events.onCaughtUp(isFirst ? [] : missed.toSorted((a, b) => b.seq - a.seq));
  }

  async #fetch(filter: Filter, before: string | undefined): Promise<void> {
    this.#state.update((state) => ({ ...state, loading: filter, error: null }));
    try {
      const page = await listNotifications(this.#http, filter, before);
      this.#state.update((state) => ({
        ...state,
        list: withPage(state.list, filter, page, before === undefined),
        loading: null,
        asOf: steadyNow(),
      }));
    } catch (error) {
      this.#state.update((state) => ({ ...state, loading: null, error: explain(error) }));
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

  #change(change: (list: NotificationList) => NotificationList): void {
    this.#state.update((state) => ({ ...state, list: change(state.list) }));
  }
}

function highest({ byId }: NotificationList): number {
  return Math.max(0, ...[...byId.values()].map(({ seq }) => seq));
}
