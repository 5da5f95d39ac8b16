import { browserClock, type Clock, type Timer } from '../realtime/clock.js';
import type { Message } from '../realtime/link.js';
import type { Realtime } from '../realtime/realtime.js';
import { KeptValue, type Known } from '../offline/kept-value.js';
import type { OfflineStore } from '../offline/offline-store.js';
import { createStore, type Readable } from '../state/store.js';
import type { Filter, InboxApi, InboxItem, InboxNews, InboxPage, Marks } from './inbox-api.js';
import {
  emptyList,
  extentOf,
  fromPages,
  isOpen,
  newestPage,
  withArrival,
  withMarks,
  withNews,
  withPage,
  type InboxList,
} from './inbox-list.js';
import { Report } from './report.js';

/** What the page knows of the inbox, and how well. */
export interface InboxState<Item extends InboxItem> {
  readonly list: InboxList<Item>;
  /** Which list waits for a page. */
  readonly loading: Filter | null;
  /** Why the last one didn't come. */
  readonly error: Error | null;
  /** When the list was last known to be complete, a reading of the clock's `monotonic`. */
  readonly asOf: number | null;
  /** It is what a former page knew: the server hasn't answered this one yet. */
  readonly isKept: boolean;
}

/** What the inbox tells the page. */
export interface InboxEvents<Item extends InboxItem> {
  /** One rang just now. Not for what is caught up on. */
  onRing?(item: Item): void;
  /** The subscription stands, first or again: what came while we were away, newest first. */
  onCaughtUp?(missed: readonly Item[]): void;
  /** The server refused a mark, which has been taken back. */
  onFailure?(error: unknown): void;
}

/** What an inbox is made of. */
export interface InboxOptions<Item extends InboxItem> extends InboxEvents<Item> {
  readonly realtime: Pick<Realtime, 'subscribe' | 'canSend' | 'send' | 'status'>;
  readonly api: InboxApi<Item>;
  /** Keeps the newest rows, for a page that is loaded without a network. Default: nothing is kept. */
  readonly storage?: OfflineStore | undefined;
  /** Default: the browser's. */
  readonly clock?: Clock;
}

const destination = '/user/queue/notifications';
/** What the user's other windows marked. First of the two, so that it stands when the list is fetched. */
const newsDestination = '/user/queue/inbox';
const countDelayMs = 300;
/** Of the report of what has arrived. */
const arrivals = { delayMs: 500, limit: 1_000 };
const pageSize = 20;
/** Of what has been shown already, all is asked for again at once, so in larger pieces; further down it is let go. */
const againSize = 100;
const againPages = 10;
const retryMs = 10_000;
/** For a page without a network. */
const keptRows = 100;

/** What `/app/notifications.…` is called. */
type Verb = 'read' | 'unread' | 'archive' | 'unarchive';

type Change<Item extends InboxItem> = (list: InboxList<Item>) => InboxList<Item>;

/** A user's inbox: rows by REST, news by STOMP, one list of both, which may outlive the page. */
export class Inbox<Item extends InboxItem> {
  readonly #options: InboxOptions<Item>;
  readonly #clock: Clock;
  readonly #kept: KeptValue<InboxPage<Item>> | undefined;
  readonly #state = createStore<InboxState<Item>>({
    ...{ list: emptyList<Item>(), loading: 'all', error: null, asOf: null, isKept: false },
  });
  /** Up to where the server was told of seeing. */
  #seenUpTo: string | undefined;
  #countTimer: Timer | undefined;
  /** Tells the server which rows are here. */
  readonly #arrivals: Report;
  #retryTimer: Timer | undefined;
  /** What has changed since each of the answers was asked for that are on their way. */
  readonly #journals = new Set<Change<Item>[]>();
  /** Up to here all has rung, or was told as missed. */
  #toldUpTo: number | undefined;
  /** What rang above that. */
  readonly #rang = new Set<number>();

  constructor(options: InboxOptions<Item>) {
    const { storage: store, clock = browserClock } = options;
    this.#options = options;
    this.#clock = clock;
    this.#arrivals = new Report((ids) => options.api.acknowledge(ids), { clock, ...arrivals });
    this.#kept = store && new KeptValue({ store, key: 'inbox', version: 1, clock });
  }

  get state(): Readable<InboxState<Item>> {
    return this.#state;
  }

  /** Subscribes; each time the server has the subscription, what is shown is loaded, so nothing falls between. */
  start(): () => void {
    if (this.#kept) void this.#restore(this.#kept);
    void this.#replace();
    const { realtime } = this.#options;
    const ends = [
      realtime.subscribe({
        destination: newsDestination,
        onMessage: ({ body, eventType }) => {
          if (eventType === 'inbox') this.#hear(body as InboxNews);
        },
      }),
      realtime.subscribe({
        destination,
        since: () => this.#state.get().list.cursor,
        onMessage: (message) => this.#receive(message),
        onReady: () => void this.#catchUp(),
      }),
      this.#state.subscribe(() => this.#kept?.save(() => this.#toKeep())),
    ];
    return () => {
      this.#countTimer?.cancel();
      this.#arrivals.end();
      this.#retryTimer?.cancel();
      this.#kept?.end();
      ends.forEach((end) => end());
    };
  }

  /** The first page of a list, or a fresh one. */
  async load(filter: Filter): Promise<void> {
    if (filter === 'all' && this.#state.get().isKept) await this.#replace();
    else await this.#fetchPage(filter, undefined);
  }

  async loadMore(filter: Filter): Promise<void> {
    const next = extentOf(this.#state.get().list, filter)?.next;
    if (next !== null && next !== undefined) await this.#fetchPage(filter, next);
  }

  /** The panel was opened: while live all that it can list has been seen, loaded or not; else what is loaded. */
  async markSeen(): Promise<void> {
    const { realtime, api } = this.#options;
    const { byId, cursor } = this.#state.get().list;
    const ids = [...byId.values()]
      .filter(({ isSeen, isArchived }) => !isSeen && !isArchived)
      .map(({ id }) => id);
    const upTo = realtime.canSend ? cursor : undefined;
    if (ids.length === 0 && (upTo === undefined || upTo === this.#seenUpTo)) return;

    this.#change((list) => withMarks(list, ids, { isSeen: true }));
    try {
      if (upTo === undefined) {
        await Promise.all(ids.map((id) => api.mark(id, { isSeen: true })));
      } else {
        this.#seenUpTo = upTo;
        await realtime.send('/app/notifications.seen', { upTo });
      }
    } catch {
      // Not worth an alert: the server's counts say what is unseen still.
      this.#seenUpTo = undefined;
    }
    this.#countSoon();
  }

  async markRead(item: Item): Promise<void> {
    if (!item.isRead) await this.#mark('read', [item], { isRead: true });
  }

  async markUnread(items: readonly Item[]): Promise<void> {
    await this.#mark('unread', items, { isRead: false });
  }

  async archive(item: Item): Promise<void> {
    await this.#mark('archive', [item], { isArchived: true });
  }

  async putBack(item: Item): Promise<void> {
    await this.#mark('unarchive', [item], { isArchived: false });
  }

  /**
   * Marks what was there when the user looked; what arrives meanwhile stays unread.
   * @returns those that were unread, for `markUnread`: the 1,000 newest, loaded or not
   */
  async markAllRead(): Promise<readonly Item[]> {
    const { cursor, byId, counts } = this.#state.get().list;
    if (cursor === undefined) return [];
    const loaded = [...byId.values()].filter(({ isRead, isArchived }) => !isRead && !isArchived);
    const unread = counts.unread > loaded.length ? await this.#allUnread().catch(() => loaded) : loaded;
    await this.#optimistically(unread, { isRead: true }, () => this.#options.api.readAll(cursor));
    return unread;
  }

  async #allUnread(): Promise<readonly Item[]> {
    const pages = await this.#pagesAgain('unread', 0);
    return pages.flatMap(({ items }) => items);
  }

  async #mark(verb: Verb, items: readonly Item[], marks: Marks): Promise<void> {
    if (items.length === 0) return;
    const { realtime, api } = this.#options;
    const ids = items.map(({ id }) => id);
    await this.#optimistically(items, marks, async () => {
      if (realtime.canSend) await realtime.send(`/app/notifications.${verb}`, { ids });
      else await Promise.all(ids.map((id) => api.mark(id, marks)));
    });
  }

  /** Shows the change at once, takes it back if the server refuses, and asks for the true counts in the end. */
  async #optimistically(items: readonly Item[], marks: Marks, tell: () => Promise<unknown>): Promise<void> {
    const ids = items.map(({ id }) => id);
    this.#change((list) => withMarks(list, ids, marks));
    try {
      await tell();
    } catch (error) {
      for (const { id, isRead, isSeen, isArchived } of items) {
        this.#change((list) => withMarks(list, [id], { isRead, isSeen, isArchived }));
      }
      this.#options.onFailure?.(error);
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
    const item = body as Item;
    const isNew = !this.#state.get().list.byId.has(item.id);
    this.#change((list) => withArrival(list, item));
    // The tab that has the connection speaks for all of them.
    const status = this.#options.realtime.status.get();
    if (status.state !== 'live' || status.role !== 'follower') this.#acknowledge([item]);
    if (!isNew || replayed) return;
    this.#rang.add(item.id);
    this.#options.onRing?.(item);
  }

  /** Everything that has been loaded is asked for again: what was marked meanwhile on another device isn't told anew. */
  async #catchUp(): Promise<void> {
    this.#retryTimer?.cancel();
    const isDone = await this.#replace();
    if (!isDone) this.#retryTimer = this.#clock.after(retryMs, () => void this.#catchUp());
    this.#options.onCaughtUp?.(isDone ? this.#takeMissed() : []);
  }

  /** Without a subscription: what is new rings as it would have then. @returns whether the server answered */
  async lookAgain(): Promise<boolean> {
    const isDone = await this.#replace();
    const missed = isDone ? this.#takeMissed() : [];
    for (const item of missed.toReversed()) this.#options.onRing?.(item);
    return isDone;
  }

  #takeMissed(): readonly Item[] {
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
    return this.#fetch(
      'all',
      async () => {
        // The one that counts last: what is in both is taken from it.
        const unread = extents.unread && (await this.#pagesAgain('unread', extents.unread.floor));
        const all = await this.#pagesAgain('all', extents.all?.floor);
        return () => fromPages({ all, ...(unread && { unread }) });
      },
      (change) => this.#state.update((state) => ({ ...state, list: change(state.list), isKept: false })),
    );
  }

  /** @param floor the `seq` down to which it had been loaded; undefined when it hadn't */
  async #pagesAgain(filter: Filter, floor: number | undefined): Promise<readonly InboxPage<Item>[]> {
    const pages: InboxPage<Item>[] = [];
    const limit = floor === undefined ? pageSize : againSize;
    let before: string | undefined;
    do {
      const page: InboxPage<Item> = await this.#options.api.list({ filter, limit, before });
      pages.push(floor === undefined ? page : downTo(page, floor));
      before = page.next ?? undefined;
    } while (before !== undefined && lowest(pages.at(-1)) > (floor ?? Infinity) && pages.length < againPages);
    return pages;
  }

  async #fetchPage(filter: Filter, before: string | undefined): Promise<void> {
    await this.#fetch(
      filter,
      async () => {
        const page = await this.#options.api.list({ filter, limit: pageSize, before });
        return (list) => withPage(list, filter, page, before === undefined);
      },
      // An answer to a question for all of it, asked at the same time, doesn't know of this page yet.
      (change) => this.#change(change),
    );
  }

  /** @returns whether the server answered */
  async #fetch(
    filter: Filter,
    ask: () => Promise<Change<Item>>,
    apply: (change: Change<Item>) => void,
  ): Promise<boolean> {
    this.#state.update((state) => ({ ...state, loading: filter, error: null }));
    try {
      apply(await this.#onTop(ask));
      this.#state.update((state) => ({
        ...{ ...state, loading: null },
        asOf: state.isKept ? state.asOf : this.#clock.monotonic(),
      }));
      this.#acknowledge(this.#state.get().list.byId.values());
      return true;
    } catch (error) {
      this.#state.update((state) => ({ ...state, loading: null, error: asError(error) }));
      return false;
    } finally {
      this.#noteTold();
    }
  }

  /** What changes while an answer is on its way is done again on top of it: the answer may be older. */
  async #onTop(ask: () => Promise<Change<Item>>): Promise<Change<Item>> {
    const meanwhile: Change<Item>[] = [];
    this.#journals.add(meanwhile);
    try {
      const change = await ask();
      return (list) => meanwhile.reduce((before, again) => again(before), change(list));
    } finally {
      this.#journals.delete(meanwhile);
    }
  }

  /** Shows what a former page knew, unless the server is faster. */
  async #restore(kept: KeptValue<InboxPage<Item>>): Promise<void> {
    let asOf: number | undefined;
    const list = await this.#onTop(async () => {
      const known = await kept.load();
      asOf = known?.asOf;
      return () => (known ? fromPages({ all: [known.value] }) : emptyList());
    });
    if (asOf === undefined || this.#state.get().list.extents.all) return;
    this.#state.update((state) => ({ ...state, list: list(state.list), asOf: asOf ?? null, isKept: true }));
    if (this.#state.get().error !== null) this.#noteTold();
  }

  #toKeep(): Known<InboxPage<Item>> | undefined {
    const { list, asOf, isKept } = this.#state.get();
    const value = newestPage(list, keptRows);
    return value && asOf !== null && !isKept ? { value, asOf } : undefined;
  }

  /** What was there at first is no news. */
  #noteTold(): void {
    const { list } = this.#state.get();
    if (list.extents.all) this.#toldUpTo ??= highest(list);
  }

  /** Whether an alert came is said of the rows that are here, not of those that could be asked for. */
  #acknowledge(items: Iterable<Item>): void {
    const fresh = [...items].filter(({ deliveredAt }) => deliveredAt === null);
    this.#arrivals.add(fresh.map(({ id }) => id));
  }

  /** The counts are the server's: other devices read, too. */
  #countSoon(): void {
    this.#countTimer?.cancel();
    this.#countTimer = this.#clock.after(countDelayMs, () => void this.#count());
  }

  async #count(): Promise<void> {
    try {
      const counts = await this.#options.api.counts();
      this.#change((list) => ({ ...list, counts }));
    } catch {
      // Our own arithmetic stands until the next page brings the server's.
    }
  }

  #change(change: Change<Item>): void {
    for (const journal of this.#journals) journal.push(change);
    this.#state.update((state) => ({ ...state, list: change(state.list) }));
  }
}

function highest({ byId }: InboxList<InboxItem>): number {
  return Math.max(0, ...[...byId.values()].map(({ seq }) => seq));
}

/** No deeper than it had been loaded: who wants more asks for it. */
function downTo<Item extends InboxItem>(page: InboxPage<Item>, floor: number): InboxPage<Item> {
  const items = page.items.filter(({ seq }) => seq >= floor);
  const last = items.at(-1);
  return last && items.length < page.items.length ? { ...page, items, next: last.cursor } : page;
}

function lowest(page: InboxPage<InboxItem> | undefined): number {
  return Math.min(Infinity, ...(page?.items ?? []).map(({ seq }) => seq));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
