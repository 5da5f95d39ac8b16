import { Logger } from '@nestjs/common';
import sqlite3 from 'sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Inbox1735689600000 } from '../../../migrations/1735689600000-inbox.js';
import { sqlite, type FreshDatabase } from '../../../test/databases.js';
import { Inbox, type Counts } from '../../library/inbox/inbox.js';
import { limits } from '../limits.js';
import { MessagingTemplate } from '../../library/nest/template.js';
import { Store } from '../../library/store/store.js';
import { MemoryNode } from '../../library/testing/memory-node.js';
import { InboxNews, type InboxChange, type ToldNews } from './inbox-news.js';

const ADA = { id: 1, name: 'ada@example.org' };
const retryMs = 50;

/** When the database was asked. */
let looks: number[];
let logged: unknown[];
let heard: unknown[];
let notice: () => void;

class WatchedInbox extends Inbox {
  override countsOf(owners: readonly number[]): Promise<(owner: number) => Counts> {
    looks.push(performance.now());
    return super.countsOf(owners).finally(() => setImmediate(notice));
  }
}

let database: FreshDatabase;
let store: Store;
let news: InboxNews;

beforeEach(async () => {
  [looks, logged, heard] = [[], [], []];
  notice = () => undefined;
  Logger.overrideLogger({ log() {}, warn() {}, error: (...line: unknown[]) => void logged.push(line) });
  database = await sqlite.create();
  store = await Store.open({
    entities: [],
    migrations: [Inbox1735689600000],
    databaseUrl: database.url,
    limits,
    logError: (message, error) => expect.unreachable(`${message}: ${error}`),
  });
  const { broker } = new MemoryNode();
  broker.subscribe('/user/ada%40example.org/queue/inbox', {
    deliver: ({ body }) => {
      heard.push(JSON.parse(Buffer.from(body).toString()));
      notice();
    },
    hasCapacity: () => true,
    onCapacity: () => undefined,
  });
  news = new InboxNews(new WatchedInbox(store), new MessagingTemplate(broker), {
    limits: { ...limits, inboxNewsMs: 1, storeRetryMs: retryMs },
  });
});
afterEach(async () => {
  news.onApplicationShutdown();
  await store.close();
  await database.drop();
});

it('while the database is away it is asked now and then, and that is logged once; then the news come', async () => {
  for (let outage = 1; outage <= 2; outage++) {
    await execute('alter table notification rename to away');
    looks = [];
    news.tell(ADA, { state: 'read', ids: [1] });
    await until(() => looks.length >= 4);
    news.tell(ADA, { state: 'read', ids: [2] });
    expect(logged).toHaveLength(outage);
    // Two timers' precision.
    expect(looks[3]! - looks[0]!).toBeGreaterThan(3 * retryMs - 6);

    await execute('alter table away rename to notification');
    await until(() => heard.length === outage);
  }

  const counts = { unseen: 0, unread: 0 };
  expect(heard).toEqual(Array(2).fill({ counts, state: 'read', ids: [1, 2] }));
});

it.each([
  [
    'changes',
    Array.from({ length: limits.inboxNewsChanges + 1 }, (_, i) => change(i % 2 ? 'unread' : 'read', [1])),
  ],
  [
    'rows',
    [
      change(
        'read',
        Array.from({ length: limits.inboxNewsIds + 1 }, (_, i) => i),
      ),
    ],
  ],
])('more %s at once than are told one by one are one reload', async (_, changes) => {
  news.tell(ADA, ...changes);
  await until(() => heard.length === 1);
  news.tell(ADA, change('read', [7]));
  await until(() => heard.length === 2);

  const counts = { unseen: 0, unread: 0 };
  expect(heard).toEqual([
    { counts, reload: true },
    { counts, state: 'read', ids: [7] },
  ]);
});

it('what one node tells, each tells those who are connected to it, and no node tells it on', async () => {
  const elsewhere: unknown[] = [];
  const told: ToldNews[] = [];
  const { broker } = new MemoryNode();
  broker.subscribe('/user/ada%40example.org/queue/inbox', {
    deliver: ({ body }) => {
      elsewhere.push(JSON.parse(Buffer.from(body).toString()));
      notice();
    },
    hasCapacity: () => true,
    onCapacity: () => undefined,
  });
  const other = new InboxNews(new WatchedInbox(store), new MessagingTemplate(broker), {
    limits: { ...limits, inboxNewsMs: 1, storeRetryMs: retryMs },
  });
  for (const [one, another] of [
    [news, other],
    [other, news],
  ] as const)
    one.onTold((what) => {
      told.push(what);
      another.toldElsewhere(what);
    });

  news.tell(ADA);
  news.tell(ADA, change('read', [1]));
  await until(() => heard.length === 1 && elsewhere.length === 1);
  other.tell(
    ADA,
    change(
      'read',
      Array.from({ length: limits.inboxNewsIds + 1 }, (_, i) => i),
    ),
  );
  await until(() => heard.length === 2 && elsewhere.length === 2);
  other.onApplicationShutdown();

  const counts = { unseen: 0, unread: 0 };
  expect(told).toEqual([
    { ...ADA, changes: [change('read', [1])] },
    { ...ADA, changes: [{ reload: true }] },
  ]);
  expect(heard).toEqual([
    { counts, state: 'read', ids: [1] },
    { counts, reload: true },
  ]);
  expect(elsewhere).toEqual(heard);
});

function change(state: 'read' | 'unread', ids: readonly number[]): InboxChange {
  return { state, ids };
}

/** As another process would. */
function execute(sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const other = new sqlite3.Database(database.url.slice('sqlite:'.length));
    other.exec(sql, (error) => other.close(() => (error ? reject(error) : resolve())));
  });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => (notice = resolve));
}
