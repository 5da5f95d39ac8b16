import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeptTopics1764300000000 } from '../../../migrations/1764300000000-kept-topics.js';
import { postgres, sqlite, type FreshDatabase } from '../../../test/databases.js';
import { cursorOf } from '../broker/cursor.js';
import { limits } from '../limits.js';
import { FakeClock } from '../testing/fake-clock.js';
import { MemoryNode } from '../testing/memory-node.js';
import type { MemoryClient } from '../testing/memory-client.js';
import { SqlTopicStore } from './sql-topic-store.js';
import { Store } from './store.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const NEWS = '/topic/news';

describe.each([sqlite, postgres])('a topic that keeps its messages', (kind) => {
  describe.skipIf(!kind.isHere)(`on ${kind.name}`, () => {
    let database: FreshDatabase;
    let store: Store;
    let topics: SqlTopicStore;
    let node: MemoryNode;
    let clock: FakeClock;

    beforeEach(async () => {
      database = await kind.create();
      clock = new FakeClock(Date.now());
      await start({ keptMessages: 5, keptMessageBytes: 2_000, pruneRows: 100, pruneEveryMs: 100 * DAY_MS });
    });

    afterEach(async () => {
      await stop();
      await database.drop();
    });

    async function start(some: Partial<typeof limits> = {}): Promise<void> {
      const bounds = { ...limits, ...some };
      store = await Store.open({
        entities: [],
        migrations: [KeptTopics1764300000000],
        databaseUrl: database.url,
        limits: bounds,
        logError: (message, error) => expect.unreachable(`${message}: ${error}`),
      });
      topics = new SqlTopicStore(store);
      const logOf = await topics.open([{ address: NEWS, days: 3 }], {
        clock,
        limits: bounds,
        onFault: (error) => expect.unreachable(String(error)),
      });
      node = new MemoryNode({ logOf });
    }

    async function stop(): Promise<void> {
      topics.close();
      await store.close();
    }

    /** Resolves with the RECEIPT. */
    async function say(client: MemoryClient, ...bodies: string[]): Promise<void> {
      for (const body of bodies) client.frame('SEND', { destination: NEWS, receipt: body }, body);
      for (const body of bodies) expect((await client.next()).headers.get('receipt-id')).toBe(body);
    }

    /** What comes to whoever subscribes with a position: the verdict, and then as many messages. */
    async function readSince(since: string, count: number): Promise<Record<string, unknown>[]> {
      const client = await node.connected();
      client.frame('SUBSCRIBE', { id: '1', destination: NEWS, since });
      const frames: Record<string, unknown>[] = [];
      for (let i = 0; i <= count; i++) {
        const { headers, body } = await client.next();
        frames.push({ ...Object.fromEntries(headers), body: Buffer.from(body).toString() });
      }
      return frames;
    }

    const texts = (frames: readonly Record<string, unknown>[]) => frames.slice(1).map(({ body }) => body);
    const verdictOf = ([first]: readonly Record<string, unknown>[]): unknown =>
      JSON.parse(String(first?.['body']));

    it('gives them to whoever comes later, after a restart too, with the cursor of the inbox', async () => {
      await say(await node.connected(), 'one', 'two', 'three');
      await stop();
      await start();

      const frames = await readSince('earliest', 3);
      expect(verdictOf(frames)).toMatchObject({ verdict: 'complete', from: 'earliest' });
      expect(texts(frames)).toEqual(['one', 'two', 'three']);
      expect(frames[2]).toMatchObject({ replayed: 'true', destination: NEWS, cursor: /:2$/ });

      const rest = await readSince(String(frames[2]?.['cursor']), 1);
      expect(texts(rest)).toEqual(['three']);
    });

    it('hands on live what it has stored, in the order of one publisher', async () => {
      const reader = await node.connected('bob');
      reader.frame('SUBSCRIBE', { id: '1', destination: NEWS, receipt: 'r' });
      await reader.next();
      const names = Array.from({ length: 200 }, (_, i) => `number ${i}`);

      await say(await node.connected(), ...names);

      const heard: string[] = [];
      while (heard.length < names.length) {
        const { headers, body } = await reader.next();
        expect(headers.get('cursor')).toMatch(new RegExp(`:${heard.length + 1}$`));
        heard.push(Buffer.from(body).toString());
      }
      expect(heard).toEqual(names);
    });

    it('brings a message to who subscribed by a pattern, live only', async () => {
      const reader = await node.connected('bob');
      reader.frame('SUBSCRIBE', { id: '1', destination: '/topic/**', receipt: 'r' });
      await reader.next();

      await say(await node.connected(), 'one');

      expect(Buffer.from((await reader.next()).body).toString()).toBe('one');
    });

    it('answers a COMMIT when what it has sent is stored', async () => {
      const client = await node.connected();
      client.frame('BEGIN', { transaction: 't' });
      client.frame('SEND', { destination: NEWS, transaction: 't' }, 'one');
      client.frame('COMMIT', { transaction: 't', receipt: 'done' });

      expect((await client.next()).headers.get('receipt-id')).toBe('done');
      expect(await topics.list(NEWS, { after: 0, limit: 10 })).toHaveLength(1);
    });

    it('keeps headers and bytes as they were sent', async () => {
      const bytes = Uint8Array.of(0xff, 0, 0x41);
      await node.broker.keep({
        address: NEWS,
        headers: new Map([
          ['x', 'a\n"b" 🔔 \ud83d'],
          ['event-type', 'bell'],
        ]),
        body: bytes,
      });

      const [kept] = await topics.list(NEWS, { limit: 1 });
      expect(kept?.headers).toEqual(
        new Map([
          ['x', 'a\n"b" 🔔 \ud83d'],
          ['event-type', 'bell'],
        ]),
      );
      expect([...(kept?.body ?? [])]).toEqual([...bytes]);
    });

    it('adds once what is appended with one key', async () => {
      const draft = { address: NEWS, headers: new Map(), body: Buffer.from('once'), dedupeKey: 'k' };
      const outcomes: string[] = [];
      for (let i = 0; i < 2; i++)
        await store.write(async (tx) => {
          tx.append(topics, draft, ({ seq }, outcome) => outcomes.push(`${seq} ${outcome}`));
          tx.append(topics, draft, ({ seq }, outcome) => outcomes.push(`${seq} ${outcome}`));
        });

      expect(outcomes).toEqual(['1 added', '1 known', '1 known', '1 known']);
      expect(await topics.head(NEWS)).toMatchObject({ seq: 1 });
    });

    it('never holds more than its number, and says so to who comes too late', async () => {
      const client = await node.connected();
      await say(client, 'one');
      const [first] = await topics.list(NEWS, { limit: 1 });
      await say(client, 'two', 'three', 'four', 'five', 'six', 'seven');

      const frames = await readSince('earliest', 5);
      expect(texts(frames)).toEqual(['three', 'four', 'five', 'six', 'seven']);
      const late = await readSince(cursorOf(first!), 0);
      expect(verdictOf(late)).toMatchObject({ verdict: 'reset', reason: 'pruned' });
    });

    it('refuses what is longer than one may be, and takes what is not', async () => {
      const client = await node.connected();
      await say(client, 'x'.repeat(1_500));
      client.frame('SEND', { destination: NEWS }, 'x'.repeat(2_001));

      expect((await client.next()).headers.get('code')).toBe('frame_too_large');
      expect(await topics.head(NEWS)).toMatchObject({ seq: 1 });
    });

    it('refuses it inside a transaction before it says that it is held', async () => {
      const client = await node.connected();
      client
        .frame('BEGIN', { transaction: 't' })
        .frame('SEND', { destination: NEWS, transaction: 't', receipt: 'held' }, 'x'.repeat(2_001));

      const { command, headers } = await client.next();
      expect([command, headers.get('code')]).toEqual(['ERROR', 'frame_too_large']);
    });

    it('forgets what is older than its days', async () => {
      await say(await node.connected(), 'old', 'older');
      clock.pass(2 * DAY_MS);
      expect(await topics.prune()).toBe(0);
      clock.pass(2 * DAY_MS);
      expect(await topics.prune()).toBe(2);

      expect(await topics.head(NEWS)).toMatchObject({ seq: 2, earliest: 2 });
      expect(await topics.list(NEWS, { limit: 10 })).toEqual([]);
    });

    it('keeps its epoch, whatever position somebody claims to have', async () => {
      await say(await node.connected(), 'one');
      const { epoch } = await topics.head(NEWS);

      const ahead = await readSince(`${epoch}:99`, 0);

      expect(verdictOf(ahead)).toMatchObject({ verdict: 'reset', reason: 'ahead' });
      expect(texts(await readSince(`${epoch}:0`, 1))).toEqual(['one']);
    });

    it('has another epoch after a backup was restored', async () => {
      await say(await node.connected(), 'one');
      const { epoch } = await topics.head(NEWS);

      await topics.renewEpochs();

      expect(verdictOf(await readSince(`${epoch}:0`, 0))).toMatchObject({ reason: 'unknown_epoch' });
    });

    it('reads in pages that are not too many bytes', async () => {
      await stop();
      await start({ feedPageBytes: 2_500 });
      await say(await node.connected(), ...'abcde'.split('').map((letter) => letter.repeat(1_000)));

      expect(node.broker.keeps(NEWS)).toBe(true);
      expect(await topics.endOf(NEWS, 0, 100, 2_500)).toBe(2);
      expect(
        texts(await readSince('earliest', 5))
          .map((text) => String(text)[0])
          .join(''),
      ).toBe('abcde');
    });

    it('is named as one topic, for some days', async () => {
      const services = { clock, limits, onFault: () => undefined };
      for (const address of ['/topic/*', '/topic/', '/queue/news', 'news'])
        await expect(topics.open([{ address, days: 1 }], services)).rejects.toThrow(TypeError);
      await expect(topics.open([{ address: NEWS, days: 0 }], services)).rejects.toThrow(TypeError);
    });
  });
});
