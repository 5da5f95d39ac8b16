import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Inbox1735689600000 } from '../../../migrations/1735689600000-inbox.js';
import { postgres, sqlite, type FreshDatabase } from '../../../test/databases.js';
import { limits } from '../limits.js';
import { Store } from '../store/store.js';
import type { Entry, EntryDraft } from './entry.js';
import { Inbox } from './inbox.js';
import { InboxLog } from './inbox-log.js';
import type { State } from './states.js';

const NOBODY = 0;

for (const kind of [sqlite, postgres]) {
  describe.skipIf(!kind.isHere)(`an inbox on ${kind.name}`, () => {
    let database: FreshDatabase;
    let store: Store;
    let inbox: Inbox;
    // Two owners that no other test has.
    let ada = -1;
    let bob = 0;

    beforeAll(async () => {
      database = await kind.create();
      store = await Store.open({
        entities: [],
        migrations: [Inbox1735689600000],
        databaseUrl: database.url,
        limits,
        logError: (message, error) => expect.unreachable(`${message}: ${error}`),
      });
      inbox = new Inbox(store);
    });

    beforeEach(async () => {
      [ada, bob] = [ada + 2, bob + 2];
      await store.write(async (tx) => {
        await inbox.open(tx, ada);
        await inbox.open(tx, bob);
      });
    });

    afterAll(async () => {
      await store.close();
      await database.drop();
    });

    it('makes a message of a row when it is delivered, once, and not for a whole page', async () => {
      const made: number[] = [];
      const log = new InboxLog(inbox, {
        ownerOf: async () => ada,
        messageOf: ({ seq }) => {
          made.push(seq);
          return { headers: new Map([['seq', `${seq}`]]), body: Buffer.from(`${seq}`) };
        },
      });
      await sendMany(20);

      const page = await log.read('/user/ada/queue/x', 0, 20);

      expect(made).toEqual([]);
      expect([page[2]?.headers.get('seq'), `${page[2]?.body.toString()}`]).toEqual(['3', '3']);
      expect(made).toEqual([3]);
    });

    it('asks once whose an address is, for all that is acknowledged there meanwhile', async () => {
      let asked = 0;
      const log = new InboxLog(inbox, {
        ownerOf: async () => {
          asked++;
          return ada;
        },
        messageOf: () => ({ headers: new Map(), body: new Uint8Array() }),
      });
      await sendMany(20);

      await Promise.all(Array.from({ length: 20 }, (_, i) => log.delivered('/user/ada/queue/x', [i + 1])));

      expect(asked).toBe(1);
      expect((await all(ada)).every(({ deliveredAt }) => deliveredAt !== null)).toBe(true);
      await log.delivered('/user/ada/queue/x', [1]);
      expect(asked).toBe(2);
    });

    async function send(...drafts: EntryDraft[]): Promise<Entry[]> {
      const rows: Entry[] = [];
      await store.write(async (tx) => {
        for (const draft of drafts) tx.append(inbox, draft, (row) => rows.push(row));
      });
      return rows;
    }

    async function sendMany(count: number): Promise<number[]> {
      const rows = await send(...Array.from({ length: count }, (_, i) => to(ada, `message ${i + 1}`)));
      return rows.map(({ id }) => id);
    }

    const all = (owner: number) => inbox.list({ owner, filter: 'all', after: 0, limit: 1_000 });

    describe('appending', () => {
      it('gives the row back as it was stored', async () => {
        const [row] = await send({ ...to(ada, 'grüß Gott 🔔'), data: { by: 7, list: [1, { a: null }] } });
        const { epoch } = await inbox.head(ada);

        expect(row).toMatchObject({
          owner: ada,
          seq: 1,
          epoch,
          type: 'message',
          message: 'grüß Gott 🔔',
          data: { by: 7, list: [1, { a: null }] },
          readAt: null,
          deliveredAt: null,
        });
        expect(await all(ada)).toEqual([row]);
      });

      it('keeps a message whose last emoji was cut in half, without the half', async () => {
        const [row] = await send(to(ada, 'ring \ud83d'));

        expect(row?.message).toBe('ring \ufffd');
        expect(await all(ada)).toEqual([row]);
      });

      it('numbers each inbox on its own, from 1', async () => {
        const rows = await send(to(ada, 'a1'), to(bob, 'b1'), to(ada, 'a2'));
        const [next] = await send(to(bob, 'b2'));

        expect([...rows, next].map((row) => row?.seq)).toEqual([1, 1, 2, 2]);
        expect((await all(ada)).map(({ message }) => message)).toEqual(['a1', 'a2']);
        expect((await all(bob)).map(({ message }) => message)).toEqual(['b1', 'b2']);
      });

      it('leaves no number out, and tells in order, when many write at once and some fail', async () => {
        const told: Record<number, number[]> = { [ada]: [], [bob]: [] };
        const outcomes = await Promise.allSettled(
          Array.from({ length: 200 }, (_, i) =>
            store.write(async (tx) => {
              if (i % 10 === 0) throw new Error('before');
              // Half of them name the inboxes the other way round, which would be a deadlock without an order.
              for (const owner of i % 2 === 0 ? [ada, bob] : [bob, ada])
                tx.append(inbox, to(owner, `unit ${i}`), ({ seq }) => told[owner]?.push(seq));
              if (i % 7 === 0) await inbox.open(tx, 1_000 + i);
              if (i % 14 === 0) throw new Error('after');
            }),
          ),
        );

        const stored = outcomes.filter(({ status }) => status === 'fulfilled').length;
        const numbers = Array.from({ length: stored }, (_, i) => i + 1);
        expect(stored).toBe(168);
        for (const owner of [ada, bob]) {
          expect((await all(owner)).map(({ seq }) => seq)).toEqual(numbers);
          expect(told[owner]).toEqual(numbers);
          expect(await inbox.head(owner)).toMatchObject({ seq: stored, earliest: 0 });
        }
      });

      it('lets no two transactions wait for each other, in whatever order they name inboxes', async () => {
        let runs = 0;
        await Promise.all(
          Array.from({ length: 60 }, (_, i) =>
            store.write(async (tx) => {
              runs++;
              for (const owner of i % 2 === 0 ? [ada, bob] : [bob, ada]) tx.append(inbox, to(owner, 'x'));
            }),
          ),
        );

        expect(runs).toBe(60);
      });

      it('refuses an owner without an inbox, and stores what waits beside it', async () => {
        const [bad, good] = await Promise.allSettled([send(to(NOBODY, 'lost')), send(to(ada, 'kept'))]);

        expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'not_found' } });
        expect(good.status).toBe('fulfilled');
        expect((await all(ada)).map(({ seq }) => seq)).toEqual([1]);
      });

      it('takes more rows in one transaction than fit in one statement', async () => {
        const ids = await sendMany(2_500);

        expect(new Set(ids).size).toBe(2_500);
        expect((await inbox.head(ada)).seq).toBe(2_500);
      });

      it.each([
        ['an owner that is no number', { owner: NaN }],
        ['a type with a space', { type: 'a b' }],
        ['a type of 65 characters', { type: 'a'.repeat(65) }],
        ['no type', { type: '' }],
        ['NUL in the message', { message: 'a\0b' }],
        ['an empty key', { dedupeKey: '' }],
        ['a key of 256 characters', { dedupeKey: 'k'.repeat(256) }],
        ['data that JSON can not hold', { data: { big: 1n } }],
      ])('refuses %s before anything is written', async (_, wrong) => {
        await expect(send(to(ada, 'fine'), { ...to(ada, 'x'), ...wrong })).rejects.toThrow(TypeError);
        expect(await all(ada)).toEqual([]);
      });
    });

    describe('a dedupeKey', () => {
      const keyed = (owner: number, message: string) => ({ ...to(owner, message), dedupeKey: 'booking 7' });

      it('gives the first row to whoever comes later, and says that it was known', async () => {
        const [first] = await send(keyed(ada, 'first'));
        const outcomes: string[] = [];
        let again: Entry | undefined;
        await store.write(async (tx) =>
          tx.append(inbox, keyed(ada, 'second'), (row, outcome) => {
            again = row;
            outcomes.push(outcome);
          }),
        );

        expect(again).toEqual(first);
        expect(outcomes).toEqual(['known']);
        expect(await all(ada)).toEqual([first]);
        expect((await inbox.head(ada)).seq).toBe(1);
      });

      it('counts once within a transaction, and once for each inbox', async () => {
        const rows = await send(keyed(ada, 'a'), to(ada, 'other'), keyed(ada, 'again'), keyed(bob, 'b'));

        expect(rows.map(({ owner, seq }) => [owner, seq])).toEqual([
          [ada, 1],
          [ada, 2],
          [ada, 1],
          [bob, 1],
        ]);
        expect(await all(ada)).toHaveLength(2);
      });

      it('counts once when many use it at the same time', async () => {
        const added: Entry[] = [];
        const rows = await Promise.all(
          Array.from({ length: 30 }, async (_, i) => {
            let mine: Entry | undefined;
            await store.write(async (tx) =>
              tx.append(inbox, keyed(ada, `try ${i}`), (row, outcome) => {
                mine = row;
                if (outcome === 'added') added.push(row);
              }),
            );
            return mine;
          }),
        );

        expect(added).toHaveLength(1);
        expect(new Set(rows.map((row) => row?.id))).toEqual(new Set([added[0]?.id]));
        expect(await all(ada)).toEqual(added);
      });
    });

    describe('reading', () => {
      it('opens an inbox once, with an epoch of its own', async () => {
        const before = await inbox.head(ada);
        await store.write((tx) => inbox.open(tx, ada));

        expect(before.epoch).toMatch(/^[\w-]{8}$/);
        expect(await inbox.head(ada)).toEqual(before);
        expect((await inbox.head(bob)).epoch).not.toBe(before.epoch);
      });

      it('knows no head of an inbox that is not there', async () => {
        await expect(inbox.head(NOBODY)).rejects.toMatchObject({ code: 'not_found' });
      });

      it.each([
        ['newest first', {}, [5, 4]],
        ['newest first below `before`', { before: 4 }, [3, 2]],
        ['oldest first after `after`', { after: 2 }, [3, 4]],
        ['oldest first between both', { after: 2, before: 4 }, [3]],
        ['nothing after the head', { after: 5 }, []],
      ])('lists %s', async (_, range, expected) => {
        await sendMany(5);
        await send(to(bob, 'not hers'));

        const rows = await inbox.list({ owner: ada, filter: 'all', limit: 2, ...range });

        expect(rows.map(({ seq }) => seq)).toEqual(expected);
      });

      it.each([
        ['all' as const, [4, 3, 2, 1]],
        ['unread' as const, [4, 3]],
        ['archived' as const, [2]],
      ])('lists %s', async (filter, expected) => {
        const ids = await sendMany(4);
        await inbox.mark(ada, { ids: ids.slice(0, 1) }, 'read');
        await inbox.mark(ada, { ids: ids.slice(1, 2) }, 'archived');

        const rows = await inbox.list({ owner: ada, filter, limit: 10 });

        expect(rows.map(({ seq }) => seq)).toEqual(expected);
      });

      it('finds a row for its owner alone', async () => {
        const [row] = await send(to(ada, 'x'));

        expect(await inbox.find(ada, row?.id ?? 0)).toEqual(row);
        expect(await inbox.find(bob, row?.id ?? 0)).toBeUndefined();
        expect(await inbox.find(ada, 12_345)).toBeUndefined();
      });
    });

    describe('marking', () => {
      it.each<[State[], { seen: boolean; read: boolean; archived: boolean; delivered: boolean }]>([
        [[], { seen: false, read: false, archived: false, delivered: false }],
        [['seen'], { seen: true, read: false, archived: false, delivered: false }],
        [['read'], { seen: true, read: true, archived: false, delivered: false }],
        [['read', 'unread'], { seen: true, read: false, archived: false, delivered: false }],
        [['read', 'unseen'], { seen: false, read: false, archived: false, delivered: false }],
        [['archived'], { seen: false, read: false, archived: true, delivered: false }],
        [['archived', 'unarchived'], { seen: false, read: false, archived: false, delivered: false }],
        [['delivered'], { seen: false, read: false, archived: false, delivered: true }],
      ])('%j makes of a new row %j', async (states, expected) => {
        const [id = 0] = await sendMany(1);
        for (const state of states) expect(await inbox.mark(ada, { ids: [id] }, state)).toEqual([id]);

        const row = await inbox.find(ada, id);
        expect({
          seen: row?.seenAt instanceof Date,
          read: row?.readAt instanceof Date,
          archived: row?.archivedAt instanceof Date,
          delivered: row?.deliveredAt instanceof Date,
        }).toEqual(expected);
        const visible = !expected.archived;
        expect(await inbox.counts(ada)).toEqual({
          unseen: visible && !expected.seen ? 1 : 0,
          unread: visible && !expected.read ? 1 : 0,
        });
      });

      it('keeps the instant at which a row was seen first', async () => {
        const [id = 0] = await sendMany(1);
        await inbox.mark(ada, { ids: [id] }, 'seen');
        const seenAt = (await inbox.find(ada, id))?.seenAt;
        await new Promise((resolve) => setTimeout(resolve, 5));
        await inbox.mark(ada, { ids: [id] }, 'read');

        expect((await inbox.find(ada, id))?.seenAt).toEqual(seenAt);
      });

      it('changes up to a number and not beyond, and says which it changed', async () => {
        const ids = await sendMany(5);
        await inbox.mark(ada, { ids: [ids[1] ?? 0] }, 'read');

        expect(await inbox.markAll(ada, { upTo: 3 }, 'read')).toBe(2);
        expect(await inbox.markAll(ada, { upTo: 3 }, 'read')).toBe(0);
        expect(await inbox.counts(ada)).toEqual({ unseen: 2, unread: 2 });
      });

      it('changes all in steps, and others write between two of them', async () => {
        await sendMany(limits.markRows + 1);
        // PostgreSQL: a connection for each of the two is there.
        await Promise.all([ada, bob].map((owner) => inbox.mark(owner, { ids: [] }, 'read')));
        const order: string[] = [];

        await Promise.all([
          inbox
            .markAll(ada, { upTo: limits.markRows + 1 }, 'read')
            .then((count) => order.push(`all ${count}`)),
          inbox.mark(bob, { ids: [] }, 'read').then(() => order.push('another')),
        ]);

        expect(order).toEqual(['another', `all ${limits.markRows + 1}`]);
        expect(await inbox.counts(ada)).toEqual({ unseen: 0, unread: 0 });
      });

      it("changes nothing in another's inbox", async () => {
        const ids = await sendMany(2);

        expect(await inbox.mark(bob, { ids }, 'read')).toEqual([]);
        expect(await inbox.markAll(bob, { upTo: 2 }, 'archived')).toBe(0);
        expect(await inbox.counts(ada)).toEqual({ unseen: 2, unread: 2 });
      });

      it('takes any number of ids, none too', async () => {
        const ids = await sendMany(2_500);

        expect(await inbox.mark(ada, { ids: [] }, 'read')).toEqual([]);
        expect(await inbox.mark(ada, { ids }, 'read')).toEqual(ids);
      });
    });
  });
}

function to(owner: number, message: string): EntryDraft {
  return { owner, type: 'message', message, data: {} };
}
