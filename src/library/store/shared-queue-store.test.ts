import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgres, type FreshDatabase } from '../../../test/databases.js';
import { SharingNode } from '../../../test/sharing-node.js';
import type { QueueBatch, QueuedMessage } from '../broker/queue-store.js';
import type { Limits } from '../limits.js';

const QUEUE = '/queue/work';
const FAST = { nodeBeatMs: 20, nodeDeadMs: 1_000, queueLookMs: 40, queueLookTroubleMs: 20 };
/** Nobody looks: what is heard comes from other nodes. */
const SELDOM = { ...FAST, queueLookMs: 1_000_000, queueLookTroubleMs: 1_000_000 };

describe.skipIf(!postgres.isHere)(`two nodes with the queues of one ${postgres.name}`, () => {
  let database: FreshDatabase;
  let sql: Client;
  const started: SharingNode[] = [];
  const start = async (limits: Partial<Limits> = FAST): Promise<SharingNode> => {
    const node = await SharingNode.start(database.url, limits);
    started.push(node);
    await node.queues.lengths();
    return node;
  };
  /** Two that know of each other. */
  const startTwo = async (limits: Partial<Limits> = FAST): Promise<[SharingNode, SharingNode]> => {
    const two: [SharingNode, SharingNode] = [await start(limits), await start(limits)];
    for (const { nodes } of two)
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (nodes.hasOthers) resolve();
        };
        nodes.onChange(look);
        look();
      });
    return two;
  };
  const put = async (node: SharingNode, body: string, mine = false): Promise<readonly number[]> => {
    const puts = [{ queue: QUEUE, headers: new Map(), body: Buffer.from(body), deliveries: 0, mine }];
    return (await commit(node, { puts })).flatMap((position) => position ?? []);
  };
  const commit = (
    { queues }: SharingNode,
    batch: Partial<QueueBatch>,
  ): Promise<readonly (number | undefined)[]> =>
    queues.commit({ puts: [], removes: [], counts: [], frees: [], ...batch });
  const claim = ({ queues }: SharingNode, limit = 100): Promise<QueuedMessage[]> =>
    queues.claim(QUEUE, limit, 1_000_000);
  const told = (messages: readonly QueuedMessage[]): [string, number][] =>
    messages.map(({ body, deliveries }) => [Buffer.from(body).toString(), deliveries]);
  const ready = ({ queues }: SharingNode): Promise<string> =>
    new Promise((resolve) => queues.onReady(resolve));
  const announced = ({ queues }: SharingNode): string[] => {
    const all: string[] = [];
    queues.onAnnounce((queue, why) => all.push(`${queue} ${why}`));
    return all;
  };

  beforeEach(async () => {
    database = await postgres.create();
    sql = new Client(database.url);
    await sql.connect();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((node) => node.stop()));
    await sql.end();
    await database.drop();
  });

  it('have each message once, however often both claim at once', async () => {
    const [here, there] = await startTwo();
    await Promise.all(Array.from({ length: 300 }, (_, i) => put(i % 2 ? here : there, `${i}`)));

    const pages = await Promise.all(Array.from({ length: 40 }, (_, i) => claim(i % 2 ? here : there, 10)));

    const rest = [...(await claim(here, 1_000)), ...(await claim(there, 1_000))];
    const all = [...pages.flat(), ...rest].map(({ body }) => Number(Buffer.from(body).toString()));
    expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(here.queues.claimed + there.queues.claimed).toBe(300);
  });

  it('leave to each other what one put as its own, until it releases it', async () => {
    const [here, there] = await startTwo();
    const positions = await put(here, 'mine', true);
    expect(await claim(there)).toEqual([]);

    await here.queues.release(QUEUE, positions);

    expect(told(await claim(there))).toEqual([['mine', 0]]);
  });

  it('neither remove, count nor free what the other holds', async () => {
    const [here, there] = await startTwo();
    const [position = 0] = await put(here, 'mine', true);

    await commit(there, {
      removes: [position],
      counts: [{ position, deliveries: 7 }],
      frees: [position],
    });
    expect(await claim(there)).toEqual([]);
    await here.queues.release(QUEUE, [position]);

    expect(told(await claim(there))).toEqual([['mine', 0]]);
  });

  it('announce what they put, once a turn, and what they give back; not what is their own', async () => {
    const [here] = await startTwo(SELDOM);
    const all = announced(here);

    const [first] = await Promise.all([put(here, '1', true), put(here, '2'), put(here, '3')]);
    await new Promise(setImmediate);
    expect(all).toEqual([`${QUEUE} new`]);
    await here.queues.release(QUEUE, first);
    await new Promise(setImmediate);

    expect(all).toEqual([`${QUEUE} new`, `${QUEUE} back`]);
  });

  it('claim what came back, though it is far behind what they claimed last', async () => {
    const [here, there] = await startTwo(SELDOM);
    const [old = 0] = await put(here, 'old', true);
    await sql.query(`select setval(pg_get_serial_sequence('queue_message', 'position'), $1)`, [old + 50_000]);
    await put(here, 'new');
    expect(told(await claim(there))).toEqual([['new', 0]]);
    await here.queues.release(QUEUE, [old]);
    // Nobody told it, and it doesn't look there of itself.
    expect(await claim(there)).toEqual([]);

    const heard = ready(there);
    there.queues.heard(QUEUE, 'back');

    expect(await heard).toBe(QUEUE);
    expect(told(await claim(there))).toEqual([['old', 0]]);
  });

  it('find what nobody announced', async () => {
    const [here, there] = await startTwo();
    const found = ready(there);

    await put(here, 'unheard of');

    expect(await found).toBe(QUEUE);
  });

  it('get what one held that is taken for dead, counted as delivered, and it has no say any more', async () => {
    const [here, there] = await startTwo();
    const [settled = 0] = await put(here, 'settled', true);
    const [held = 0] = await put(here, 'held', true);
    await commit(here, { removes: [settled] });
    const lost = new Promise<void>((resolve) => here.queues.onLost(resolve));
    const back = ready(there);

    await sql.query('delete from node where id = $1', [here.nodes.id]);
    await Promise.all([lost, back]);

    const [again] = await claim(there);
    expect(told([again!])).toEqual([['held', 1]]);
    await commit(here, { removes: [held] });
    await commit(there, { frees: [held] });
    expect(told(await claim(there))).toEqual([['held', 1]]);
    expect([here.queues.claimed, here.queues.leasesLost]).toEqual([0, 1]);
  });

  it('get what one held that was killed', async () => {
    const [here] = [await start()];
    await put(here, 'held');
    await sql.query(
      `insert into node values ('killed', clock_timestamp() - interval '1 hour', now(), 1, 0, false)`,
    );
    await sql.query(`update queue_message set owner = 'killed'`);

    await expect.poll(async () => told(await claim(here)), { timeout: 20_000 }).toEqual([['held', 1]]);
  });

  it('get what one held that ends, uncounted', async () => {
    const [here, there] = await startTwo();
    await put(here, 'mine', true);
    await put(here, 'claimed');
    await claim(here);

    await here.stop();

    expect(told(await claim(there))).toEqual([
      ['mine', 0],
      ['claimed', 0],
    ]);
  });

  it('free what one owns without knowing it, since the answer of a COMMIT was lost', async () => {
    const [here, there] = await startTwo();
    const [known = 0] = await put(here, 'known', true);
    await sql.query(
      `insert into queue_message (queue, headers, body, deliveries, owner) values ($1, '[]', 'unknown', 0, $2)`,
      [QUEUE, here.nodes.id],
    );
    await sql.query('begin');
    await sql.query('lock table queue_message in access exclusive mode');
    const cut = put(here, 'cut');
    cut.catch(() => undefined);
    const isWaiting = async (): Promise<boolean> =>
      (await sql.query(`select 1 from pg_stat_activity where wait_event_type = 'Lock'`)).rows.length > 0;
    while (!(await isWaiting()));
    await sql.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert%'`,
    );
    await expect(cut).rejects.toThrow();
    await sql.query('commit');

    const found: [string, number][] = [];
    while (found.length === 0) found.push(...told(await claim(there)));

    expect(found).toEqual([['unknown', 0]]);
    await commit(here, { removes: [known] });
    expect((await here.queues.lengths()).get(QUEUE)).toBe(1);
  });

  it('give no position that a node gave before which was alone', async () => {
    const ahead = Date.now() * 1_000 + 60_000_000;
    const first = await start();
    await first.stop();
    await sql.query(
      `insert into queue_message (position, queue, headers, body, deliveries) values ($1, $2, '[]', 'x', 0)`,
      [ahead, QUEUE],
    );

    const [position] = await put(await start(), '1');

    expect(position).toBeGreaterThan(ahead);
  });
});
