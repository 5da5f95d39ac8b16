import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Inbox1735689600000 } from '../../../migrations/1735689600000-inbox.js';
import { Superseded1764280000000 } from '../../../migrations/1764280000000-superseded.js';
import { postgres, type FreshDatabase } from '../../../test/databases.js';
import { limitsWith, type Limits } from '../limits.js';
import { Store } from '../store/store.js';
import type { Entry, EntryDraft } from './entry.js';
import { Inbox } from './inbox.js';

const [ADA, BOB] = [1, 2];

describe.skipIf(!postgres.isHere)(`units that only append, on ${postgres.name}`, () => {
  let database: FreshDatabase;
  let operator: Client;
  let stores: Store[];
  let store: Store;
  let inbox: Inbox;

  beforeEach(async () => {
    stores = [];
    database = await postgres.create();
    operator = await connect();
    store = await open();
    inbox = new Inbox(store);
    await store.write(async (tx) => {
      for (const owner of [ADA, BOB, 3, 4, 5]) await inbox.open(tx, owner);
    });
  });

  afterEach(async () => {
    await operator.end();
    for (const one of stores) await one.close();
    await database.drop();
  });

  async function connect(): Promise<Client> {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    return client;
  }

  async function open(limits: Partial<Limits> = {}): Promise<Store> {
    const opened = await Store.open({
      entities: [],
      migrations: [Inbox1735689600000, Superseded1764280000000],
      databaseUrl: database.url,
      limits: limitsWith(limits),
      logError: (message, error) => expect.unreachable(`${message}: ${error}`),
    });
    stores.push(opened);
    return opened;
  }

  const to = (owner: number, message: string): EntryDraft => ({ owner, message, type: 'message', data: {} });

  async function send(...drafts: readonly EntryDraft[]): Promise<Entry[]> {
    const rows: Entry[] = [];
    await store.write(async (tx) => {
      for (const draft of drafts) tx.append(inbox, draft, (row) => rows.push(row));
    });
    return rows;
  }

  const messages = async (owner: number) =>
    (await inbox.list({ owner, filter: 'all', after: 0, limit: 10_000 })).map(({ message }) => message);

  /** How many transactions of this database's nodes wait for a lock. */
  const waiting = async (): Promise<number> => {
    const { rows } = await operator.query<{ count: string }>(
      `select count(*) from pg_stat_activity
       where datname = current_database() and application_name = 'carillon' and wait_event_type = 'Lock'`,
    );
    return Number(rows[0]?.count);
  };

  const endConnections = (which: string) =>
    operator.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'carillon' and ${which}`,
    );

  /** Something that happens to rows of the inbox as they are inserted, or at COMMIT. */
  const onInsert = async (when: 'at the statement' | 'at COMMIT', does: string): Promise<void> => {
    await operator.query(
      `create function meddle() returns trigger language plpgsql as $$ begin ${does} return new; end $$`,
    );
    const trigger = when === 'at COMMIT' ? 'constraint trigger meddle after' : 'trigger meddle before';
    const deferred = when === 'at COMMIT' ? 'deferrable initially deferred' : '';
    await operator.query(
      `create ${trigger} insert on notification ${deferred} for each row execute function meddle()`,
    );
  };

  it('share transactions', async () => {
    await Promise.all(Array.from({ length: 200 }, (_, i) => send(to(ADA, `message ${i}`))));

    const { rows } = await operator.query<{ count: string }>(
      'select count(distinct cast(xmin as text)) from notification',
    );
    expect(Number(rows[0]?.count)).toBeLessThan(20);
    expect(await messages(ADA)).toHaveLength(200);
  });

  it('give every row its number once, without a gap, and tell in order, from three nodes at once', async () => {
    const nodes = [store, await open(), await open()];
    const told = nodes.map(() => new Map<number, number[]>());
    const appended: string[] = [];
    await Promise.all(
      nodes.flatMap((node, n) =>
        Array.from({ length: 300 }, async (_, i) => {
          const owners = [1 + (i % 5), 1 + ((i * 3 + n) % 5)];
          await node.write(async (tx) => {
            // A third of them asks for something too, and has a transaction of its own.
            if (i % 3 === 0) await tx.manager.query('select 1');
            for (const owner of owners) {
              const keyed = i % 4 === 1 && { dedupeKey: `key ${owner}/${i % 20}` };
              const superseding = i % 5 === 2 && { supersedeKey: `key ${i % 7}` };
              const draft = { ...to(owner, `${n}/${i}`), ...keyed, ...superseding };
              tx.append(inbox, draft, ({ seq }, outcome) => {
                if (outcome === 'known') return;
                appended.push(`${owner}/${seq}`);
                told[n]?.set(owner, [...(told[n].get(owner) ?? []), seq]);
              });
            }
          });
        }),
      ),
    );

    for (const owner of [1, 2, 3, 4, 5]) {
      const { seq: head } = await inbox.head(owner);
      const rows = await inbox.list({ owner, filter: 'all', after: 0, limit: 10_000 });
      expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: head }, (_, i) => i + 1));
      for (const heard of told) expect(heard.get(owner)).toEqual(heard.get(owner)?.toSorted((a, b) => a - b));
    }
    const { rows } = await operator.query<{ place: string }>(
      `select owner_id || '/' || seq as place from notification`,
    );
    expect(appended.toSorted()).toEqual(rows.map(({ place }) => place).toSorted());
    const { rows: statistics } = await operator.query<{ deadlocks: string }>(
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    expect(Number(statistics[0]?.deadlocks)).toBe(0);
  });

  it('are refused alone, with all of their drafts', async () => {
    const outcomes = await Promise.allSettled([
      send(to(ADA, 'a')),
      send(to(ADA, 'not without the other'), to(99, 'there is no such inbox')),
      send(to(BOB, 'b')),
    ]);

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { code: 'not_found' } });
    expect([await messages(ADA), await messages(BOB)]).toEqual([['a'], ['b']]);
  });

  it.each(['at the statement', 'at COMMIT'] as const)('fail alone with a row that fails %s', async (when) => {
    await onInsert(when, `if new.message = 'bad' then raise 'bad data'; end if;`);

    const outcomes = await Promise.allSettled(['a', 'bad', 'c'].map((message) => send(to(ADA, message))));

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: { message: 'bad data' } });
    expect((await messages(ADA)).toSorted()).toEqual(['a', 'c']);
    expect((await send(to(ADA, 'd'))).map(({ seq }) => seq)).toEqual([3]);
  });

  it('are run again that lost a deadlock', async () => {
    inbox = new Inbox((store = await open({ writeHeldUpMs: 10_000 })));
    const other = await connect();
    // PostgreSQL ends whoever looks first.
    await other.query(`set deadlock_timeout = '1min'`);
    await other.query('begin');
    await other.query('select 1 from inbox where owner_id = $1 for update', [BOB]);
    const sent = Promise.all([send(to(BOB, 'b')), send(to(ADA, 'a'))]);
    await expect.poll(waiting).toBe(1);
    await other.query('select 1 from inbox where owner_id = $1 for update', [ADA]);
    await other.query('rollback');
    await other.end();

    expect((await sent).flat().map(({ seq }) => seq)).toEqual([1, 1]);
  });

  it('are unavailable where their connection ends at the statement, and nothing of them is stored', async () => {
    const other = await connect();
    await other.query('begin');
    await other.query('select 1 from inbox for update');
    const sent = Promise.allSettled([send(to(ADA, 'a')), send(to(BOB, 'b'))]);
    await expect.poll(waiting).toBe(1);
    await endConnections(`wait_event_type = 'Lock'`);

    expect(await sent).toMatchObject([
      { reason: { code: 'unavailable' } },
      { reason: { code: 'unavailable' } },
    ]);
    await other.end();
    expect([...(await messages(ADA)), ...(await messages(BOB))]).toEqual([]);
    expect((await send(to(ADA, 'c'))).map(({ seq }) => seq)).toEqual([1]);
  });

  it('say that nobody knows where their connection ends at COMMIT', async () => {
    let doubts = 0;
    inbox.onDoubt(() => doubts++);
    await onInsert('at COMMIT', `perform pg_advisory_xact_lock(7);`);
    await operator.query('select pg_advisory_lock(7)');
    const sent = Promise.allSettled([send(to(ADA, 'a')), send(to(ADA, 'b'))]);
    await expect.poll(waiting).toBe(1);
    await endConnections(`wait_event_type = 'Lock'`);

    const answer = { code: 'unavailable', message: expect.stringContaining('Look before') };
    expect(await sent).toMatchObject([{ reason: answer }, { reason: answer }]);
    expect(doubts).toBe(1);
    await operator.query('select pg_advisory_unlock(7)');
    expect(await messages(ADA)).toEqual([]);
    // The next one is told: the place of what was lost holds up nobody.
    expect((await send(to(ADA, 'c'))).map(({ seq }) => seq)).toEqual([1]);
  });

  it('go on after their connections ended while nothing was under way', async () => {
    await send(to(ADA, 'a'));
    await endConnections('true');

    await expect
      .poll(() =>
        send(to(ADA, 'b')).then(
          () => 'sent',
          () => 'not yet',
        ),
      )
      .toBe('sent');
    expect(await messages(ADA)).toEqual(['a', 'b']);
  });

  it('wait for an inbox that somebody holds, and hold up no other', async () => {
    const other = await connect();
    await other.query('begin');
    await other.query('select 1 from inbox where owner_id = $1 for update', [ADA]);
    const held = [send(to(ADA, 'a')), send(to(ADA, 'b'))];
    await send(to(BOB, 'while it is held'));

    await expect.poll(waiting).toBe(2);
    await send(to(BOB, 'still'));
    await other.query('rollback');
    await other.end();

    expect(
      (await Promise.all(held))
        .flat()
        .map(({ seq }) => seq)
        .toSorted(),
    ).toEqual([1, 2]);
    expect(await messages(BOB)).toEqual(['while it is held', 'still']);
  });
});
