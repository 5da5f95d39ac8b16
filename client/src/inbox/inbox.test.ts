import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../../../src/library/testing/fake-clock.js';
import { FakeStore } from '../offline/fake-store.js';
import type { Subscription } from '../realtime/listener.js';
import type { Role, Status } from '../realtime/status.js';
import { createStore } from '../state/store.js';
import type { InboxApi, InboxItem } from './inbox-api.js';
import { Inbox, type InboxOptions } from './inbox.js';
import { visible } from './inbox-list.js';

const hourMs = 60 * 60 * 1_000;

let server: FakeServer;
let store: FakeStore;
let clock: FakeClock;

beforeEach(() => {
  server = new FakeServer();
  store = new FakeStore();
  clock = new FakeClock();
});

describe('an inbox that is kept', () => {
  it('shows a page without a network what the page before knew, and as of when', async () => {
    server.add(3);
    await until(open(), (page) => page.shown.length === 3);
    const asOf = clock.now();
    await written();
    clock.pass(2 * hourMs);

    server.isAway = true;
    const page = open();
    await until(page, ({ shown }) => shown.length === 3);

    const { list, isKept } = page.inbox.state.get();
    expect(list.counts).toEqual({ unseen: 3, unread: 3 });
    expect(isKept).toBe(true);
    expect(page.asOf()).toBe(asOf);
  });

  it('goes on from its cursor, and what came meanwhile is told as missed, once', async () => {
    server.add(3);
    await until(open(), (page) => page.shown.length === 3);
    await written();
    server.isAway = true;
    const page = open();
    await until(page, ({ shown, inbox }) => shown.length === 3 && inbox.state.get().error !== null);

    server.isAway = false;
    server.add(2);
    expect(page.since()).toBe('e:3');
    page.ready();
    await until(page, ({ missed }) => missed.length > 0);
    page.ready();
    await until(page, ({ missed }) => missed.length > 1);

    expect(page.missed).toEqual([[5, 4], []]);
    expect(page.shown).toEqual([5, 4, 3, 2, 1]);
    expect(page.rang).toEqual([]);
    expect(page.inbox.state.get().isKept).toBe(false);
  });

  it('a page that reaches the server announces nothing of what the page before didn’t know', async () => {
    server.add(3);
    await until(open(), (page) => page.shown.length === 3);
    await written();
    server.add(2);

    const page = open();
    await until(page, ({ shown }) => shown.length === 5);
    page.ready();
    await until(page, ({ missed }) => missed.length > 0);

    expect(page.missed).toEqual([[]]);
  });

  it('nothing of it stays that the server has no more, or has otherwise', async () => {
    server.add(3);
    await until(open(), (page) => page.shown.length === 3);
    await written();
    server.rows = server.rows.filter(({ id }) => id !== 2).map((row) => ({ ...row, isRead: true }));

    const page = open();
    await until(page, ({ inbox }) => inbox.state.get().asOf === clock.monotonic());

    expect(page.shown).toEqual([3, 1]);
    expect([...page.inbox.state.get().list.byId.values()].map(({ isRead }) => isRead)).toEqual([true, true]);
  });

  it('is the newest hundred rows, and more can be asked for below them', async () => {
    server.add(150);
    const first = open();
    for (let i = 1; i <= 7; i++) {
      await until(first, ({ shown }) => shown.length === 20 * i);
      await first.inbox.loadMore('all');
    }
    await until(first, ({ shown }) => shown.length === 150);
    await written();

    server.isAway = true;
    const page = open();
    await until(page, ({ shown }) => shown.length === 100);
    server.isAway = false;
    await page.inbox.loadMore('all');

    expect(page.shown).toHaveLength(120);
    expect(page.shown.at(-1)).toBe(31);
  });

  it.each([hourMs, -hourMs])(
    'says the same time where the clock was set by %i ms meanwhile',
    async (byMs) => {
      server.add(1);
      await until(open(), ({ shown }) => shown.length === 1);
      const asOf = clock.now();
      await written();

      server.isAway = true;
      clock.stepWall(byMs);
      const page = open();
      await until(page, ({ shown }) => shown.length === 1);

      expect(page.asOf()).toBe(asOf);
    },
  );

  it('is no newer for another list that was loaded beside it', async () => {
    server.add(1);
    await until(open(), ({ shown }) => shown.length === 1);
    const asOf = clock.now();
    await written();
    server.isAway = true;
    const page = await until(open(), ({ shown }) => shown.length === 1);

    server.isAway = false;
    clock.pass(1_000);
    await page.inbox.load('unread');

    expect(page.inbox.state.get().isKept).toBe(true);
    expect(page.asOf()).toBe(asOf);
  });

  it('is forgotten after a month', async () => {
    server.add(1);
    await until(open(), ({ shown }) => shown.length === 1);
    await written();
    server.isAway = true;

    clock.pass(31 * 24 * hourMs);
    const page = open();
    await until(page, ({ inbox }) => inbox.state.get().error !== null);
    await store.settled();

    expect(page.shown).toEqual([]);
  });

  // Where there is no room, what is there still would be shown as the last that was known.
  it.each([
    ['full', 0],
    ['forbidden', 1],
    ['silent', 1],
  ] as const)('works without it where storage is %s, of which %i value stays', async (state, left) => {
    server.add(1);
    await until(open(), ({ shown }) => shown.length === 1);
    await written();
    store.state = state;

    const page = open();
    await until(page, ({ shown }) => shown.length === 1);
    server.add(1);
    page.ready();
    await until(page, ({ shown }) => shown.length === 2);
    clock.pass(1_000);
    await store.settled();

    expect(store.values.size).toBe(left);
  });

  it('is written by nobody who has ended', async () => {
    server.add(1);
    const page = open();
    await until(page, ({ shown }) => shown.length === 1);

    page.end();
    clock.pass(1_000);
    await store.settled();

    expect(store.values.size).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

it('a page that comes while all is asked for again stays', async () => {
  server.add(50);
  const page = await until(open(), ({ shown }) => shown.length === 20);
  const answer = server.hold();
  page.ready();
  const more = page.inbox.loadMore('all');
  await until(page, () => server.held === 2);
  answer(1);
  await more;
  expect(page.shown).toHaveLength(40);

  answer(0);
  await until(page, ({ missed }) => missed.length === 1);

  expect(page.shown).toHaveLength(40);
});

it('unread rows are shown before they are asked for, as far as all are known', async () => {
  server.add(3);
  server.rows = server.rows.map((row) => ({ ...row, isRead: row.id === 2 }));
  const { inbox } = await until(open(), ({ shown }) => shown.length === 3);

  expect(visible(inbox.state.get().list, 'unread', new Set()).map(({ id }) => id)).toEqual([3, 1]);
});

describe('the server hears which rows are here', () => {
  it('once they are loaded, of no others, and of each once', async () => {
    server.add(30);
    const page = await until(open(), ({ shown }) => shown.length === 20);
    clock.pass(1_000);
    await page.inbox.loadMore('all');
    clock.pass(1_000);
    await page.inbox.load('all');
    clock.pass(1_000);

    expect(server.acknowledged).toEqual([
      Array.from({ length: 20 }, (_, i) => 30 - i),
      Array.from({ length: 10 }, (_, i) => 10 - i),
    ]);
  });

  it.each([
    ['leader', [[2, 3]]],
    ['solo', [[2, 3]]],
    ['follower', []],
  ] as const)('when they ring in the tab that has the connection: %s', async (role, told) => {
    server.add(1);
    const page = await until(open(), ({ shown }) => shown.length === 1);
    clock.pass(1_000);
    server.acknowledged.length = 0;

    page.connect(role);
    server.add(2);
    page.hear(2);
    page.hear(3);
    clock.pass(1_000);

    expect(server.acknowledged).toEqual(told);
  });

  it('not after the end', async () => {
    const { inbox, end } = await until(open(), ({ inbox }) => inbox.state.get().loading === null);
    server.add(1);
    const loading = inbox.load('all');
    end();
    await loading;
    clock.pass(1_000);

    expect(server.acknowledged).toEqual([]);
  });
});

it('all that were read at once can be marked unread again, loaded or not', async () => {
  server.add(150);
  const page = await until(open(), ({ shown }) => shown.length === 20);

  const read = await page.inbox.markAllRead();
  const unreadBetween = server.rows.filter(({ isRead }) => !isRead).length;
  await page.inbox.markUnread(read);

  expect(read.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 150 }, (_, i) => i + 1),
  );
  expect(unreadBetween).toBe(0);
  expect(server.rows.every(({ isRead }) => !isRead)).toBe(true);
  expect(page.shown).toHaveLength(20);
});

async function written(): Promise<void> {
  clock.pass(1_000);
  await store.settled();
  expect(store.values.size).toBe(1);
}

async function until(page: Page, is: (page: Page) => boolean): Promise<Page> {
  await vi.waitFor(() => expect(is(page)).toBe(true));
  return page;
}

/** One load of a page. */
class Page {
  readonly missed: (readonly number[])[] = [];
  readonly rang: number[] = [];
  readonly inbox: Inbox<InboxItem>;
  readonly end: () => void;
  readonly status = createStore<Status>({ state: 'idle' });
  #subscription: Subscription | undefined;

  constructor() {
    const realtime: InboxOptions<InboxItem>['realtime'] = {
      status: this.status,
      canSend: false,
      send: () => Promise.reject(new Error('There is no connection.')),
      subscribe: (subscription) => {
        if (subscription.onReady) this.#subscription = subscription;
        return () => undefined;
      },
    };
    this.inbox = new Inbox({
      ...{ realtime, api: server, storage: store, clock },
      onRing: ({ id }) => this.rang.push(id),
      onCaughtUp: (items) => this.missed.push(items.map(({ id }) => id)),
    });
    this.end = this.inbox.start();
  }

  get shown(): number[] {
    return visible(this.inbox.state.get().list, 'all', new Set()).map(({ id }) => id);
  }

  /** By the clock on the wall. */
  asOf(): number {
    return clock.now() - (clock.monotonic() - (this.inbox.state.get().asOf ?? NaN));
  }

  since(): string | undefined {
    return this.#subscription?.since?.();
  }

  /** The row of that number comes over the connection. */
  hear(seq: number): void {
    const body = server.rows.find((row) => row.seq === seq);
    this.#subscription?.onMessage({ body, eventType: 'message', cursor: `e:${seq}`, replayed: false });
  }

  /** There is a connection, and whose it is. */
  connect(role: Role): void {
    this.status.set({ state: 'live', transport: 'websocket', role, since: 0 });
  }

  ready(): void {
    this.#subscription?.onReady?.();
  }
}

function open(): Page {
  return new Page();
}

/** The far end: an inbox by REST. */
class FakeServer implements InboxApi<InboxItem> {
  rows: InboxItem[] = [];
  isAway = false;

  add(count: number): void {
    for (let i = 0; i < count; i++) {
      const seq = this.#head + 1;
      this.rows.unshift({
        ...{ id: seq, seq, cursor: `e:${seq}` },
        ...{ deliveredAt: null, isSeen: false, isRead: false, isArchived: false },
      });
    }
  }

  async list({ filter, limit, before }: Parameters<InboxApi<InboxItem>['list']>[0]) {
    const counts = await this.counts();
    await this.#waits?.();
    const below = before === undefined ? Infinity : Number(before.slice(2));
    const rows = this.rows.filter(({ seq, isRead }) => seq < below && (filter !== 'unread' || !isRead));
    const items = rows.slice(0, limit);
    const next = items.length < rows.length ? (items.at(-1)?.cursor ?? null) : null;
    return { items, next, counts, cursor: `e:${this.#head}` };
  }

  #waits: (() => Promise<void>) | undefined;
  held = 0;

  /** Pages are answered one by one from now on. @returns answers the one of that number */
  hold(): (request: number) => void {
    const answers: (() => void)[] = [];
    this.#waits = () => new Promise((resolve) => (this.held = answers.push(resolve)));
    return (request) => answers[request]?.();
  }

  async counts() {
    if (this.isAway) throw new Error('The server can’t be reached.');
    const count = (is: (row: InboxItem) => boolean) => this.rows.filter(is).length;
    return { unseen: count(({ isSeen }) => !isSeen), unread: count(({ isRead }) => !isRead) };
  }

  async mark(id: number, marks: Parameters<InboxApi<InboxItem>['mark']>[1]): Promise<void> {
    this.rows = this.rows.map((row) => (row.id === id ? { ...row, ...marks } : row));
  }

  /** The ids that were acknowledged, by request. */
  readonly acknowledged: (readonly number[])[] = [];

  async acknowledge(ids: readonly number[]): Promise<void> {
    if (this.isAway) throw new Error('The server can’t be reached.');
    this.acknowledged.push(ids);
    this.rows = this.rows.map((row) => (ids.includes(row.id) ? { ...row, deliveredAt: 'now' } : row));
  }

  async readAll(upTo: string): Promise<void> {
    const head = Number(upTo.slice(2));
    this.rows = this.rows.map((row) => (row.seq <= head ? { ...row, isRead: true } : row));
  }

  get #head(): number {
    return Math.max(0, ...this.rows.map(({ seq }) => seq));
  }
}
