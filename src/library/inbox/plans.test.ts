import type sqlite3 from 'sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Inbox1735689600000 } from '../../../migrations/1735689600000-inbox.js';
import { Superseded1764280000000 } from '../../../migrations/1764280000000-superseded.js';
import { sqlite, type FreshDatabase } from '../../../test/databases.js';
import { limits } from '../limits.js';
import { Store } from '../store/store.js';
import { Inbox } from './inbox.js';

const ADA = 1;

/** SQLite says what it ran, and how: a query that looks through an inbox is slow only when the inbox has grown. */
describe("SQLite's plans for the inbox", () => {
  let database: FreshDatabase;
  let store: Store;
  let inbox: Inbox;
  let statements: string[] = [];

  beforeAll(async () => {
    database = await sqlite.create();
    store = await Store.open({
      entities: [],
      migrations: [Inbox1735689600000, Superseded1764280000000],
      databaseUrl: database.url,
      limits,
      logError: (message, error) => expect.unreachable(`${message}: ${error}`),
    });
    inbox = new Inbox(store);
    await store.write((tx) => inbox.open(tx, ADA));
    const writer: unknown = await store.write((tx) => tx.manager.queryRunner?.connect() ?? Promise.reject());
    const reader: unknown = await store.read.connection.createQueryRunner().connect();
    for (const connection of [writer, reader] as sqlite3.Database[])
      connection.on('trace', (sql: string) => statements.push(sql));
  });

  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  const page = (filter: 'all' | 'unread' | 'archived', range = {}) =>
    inbox.list({ owner: ADA, filter, limit: 10, ...range });

  const range = '(owner_id=? AND seq>? AND seq<?)';
  const byId = 'INTEGER PRIMARY KEY (rowid=?)';

  it.each<[string, () => Promise<unknown>, ...string[]]>([
    ['the newest page', () => page('all'), 'notification_position (owner_id=?)'],
    ['what came after', () => page('all', { after: 5 }), 'notification_position (owner_id=? AND seq>?)'],
    ['what was before', () => page('all', { before: 5 }), 'notification_position (owner_id=? AND seq<?)'],
    ['the unread', () => page('unread'), 'notification_unread (owner_id=?)'],
    ['more unread', () => page('unread', { before: 5 }), 'notification_unread (owner_id=? AND seq<?)'],
    ['the archived', () => page('archived'), 'notification_archived (owner_id=?)'],
    ['the counts', () => inbox.counts(ADA), 'notification_unread (owner_id=?)'],
    ['one row', () => inbox.find(ADA, 7), byId],
    ['some seen', () => inbox.mark(ADA, { ids: [7] }, 'seen'), byId],
    ['some read', () => inbox.mark(ADA, { ids: [7] }, 'read'), byId],
    ['all seen', () => inbox.markAll(ADA, { upTo: 7 }, 'seen'), `notification_unread ${range}`, byId],
    ['all read', () => inbox.markAll(ADA, { upTo: 7 }, 'read'), `notification_unread ${range}`, byId],
    [
      'some delivered',
      () => inbox.mark(ADA, { seqs: [7] }, 'delivered'),
      'notification_position (owner_id=? AND seq=?)',
    ],
    [
      'all delivered',
      () => inbox.markAll(ADA, { upTo: 7 }, 'delivered'),
      `notification_undelivered ${range}`,
      byId,
    ],
    [
      'a known key',
      () =>
        store.write(async (tx) =>
          tx.append(inbox, { owner: ADA, type: 'x', message: '', data: {}, dedupeKey: 'k' }),
        ),
      'notification_dedupe (owner_id=? AND dedupe_key=?)',
    ],
    [
      'what is superseded',
      () =>
        store.write(async (tx) =>
          tx.append(inbox, { owner: ADA, type: 'x', message: '', data: {}, supersedeKey: 'k' }),
        ),
      'notification_superseded (owner_id=? AND supersede_key=? AND seq<?)',
    ],
  ])('%s', async (_, query, ...indexes) => {
    statements = [];
    await query();
    await everythingIsTraced();

    const searches = await searchesOf(statements);
    expect(searches).toEqual(indexes.map((index) => expect.stringContaining(index) as unknown));
  });

  /** Traces come late, but in order: when both connections have told of the marker, they have told of all. */
  async function everythingIsTraced(): Promise<void> {
    const marker = 'select 42';
    await store.read.query(marker);
    await store.write((tx) => tx.manager.query(marker));
    await vi.waitFor(() => expect(statements.filter((sql) => sql === marker)).toHaveLength(2));
  }

  /** How the table of notifications was looked through. */
  async function searchesOf(sqls: readonly string[]): Promise<string[]> {
    const searches: string[] = [];
    for (const sql of sqls) {
      if (!/^(select|update|insert)/.test(sql)) continue;
      const steps = await store.read.query<{ detail: string }[]>(`explain query plan ${sql}`);
      searches.push(
        ...steps.map(({ detail }) => detail).filter((step) => /^\w+ (n|notification)\b/.test(step)),
      );
    }
    return searches;
  }
});
