import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgres, type FreshDatabase } from '../../../test/databases.js';
import { SharingNode } from '../../../test/sharing-node.js';

const FAST = { nodeBeatMs: 20, nodeDeadMs: 1_000 };

describe.skipIf(!postgres.isHere)(`nodes on one ${postgres.name}`, () => {
  let database: FreshDatabase;
  let sql: Client;
  const started: SharingNode[] = [];
  const start = async (): Promise<SharingNode> => {
    const node = await SharingNode.start(database.url, FAST);
    started.push(node);
    return node;
  };
  /** Until something is true after a beat of that node. */
  const until = (node: SharingNode, isTrue: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (isTrue()) resolve();
      };
      node.nodes.onChange(look);
      look();
    });
  const rows = async (): Promise<string[]> =>
    (await sql.query<{ id: string }>('select id from node order by id')).rows.map(({ id }) => id);

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

  it('see each other, with what each tells of itself', async () => {
    const [here, there] = [await start(), await start()];
    there.nodes.tell(() => ({ connections: 7, relayUp: true }));

    await until(here, () => here.nodes.live.some(({ relayUp }) => relayUp));

    expect(here.nodes.live).toEqual(
      [
        { id: here.nodes.id, version: 1, connections: 0, relayUp: false },
        { id: there.nodes.id, version: 1, connections: 7, relayUp: true },
      ].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
  });

  it('agree on which of them is first', async () => {
    const all = [await start(), await start(), await start()];
    for (const node of all) await until(node, () => node.nodes.live.length === 3);

    expect(all.filter(({ nodes }) => nodes.isFirst)).toHaveLength(1);
    expect(all.find(({ nodes }) => nodes.isFirst)?.nodes.id).toBe(all[0]?.nodes.live[0]?.id);
  });

  it('hear at once that one has left', async () => {
    const [here, there] = [await start(), await start()];
    await until(here, () => here.nodes.hasOthers);

    await there.stop();
    await until(here, () => !here.nodes.hasOthers);

    expect(await rows()).toEqual([here.nodes.id]);
  });

  it('bury one that is silent, and none that isn’t', async () => {
    const [here, there] = [await start(), await start()];
    await sql.query(
      `insert into node values ('silent', clock_timestamp() - interval '1 hour', now(), 1, 0, false)`,
    );

    while ((await rows()).includes('silent'));

    expect(await rows()).toEqual([here.nodes.id, there.nodes.id].toSorted());
    await expect
      .poll(() => [...here.warnings, ...there.warnings])
      .toEqual([expect.stringMatching(/^Node silent was silent .* dead/)]);
  });

  it('take no other for dead before they have beaten three times in a row themselves', async () => {
    const here = await SharingNode.start(database.url, { ...FAST, nodeBeatMs: 300, nodeDeadMs: 900 });
    started.push(here);
    let beats = 0;
    await sql.query(
      `insert into node values ('silent', clock_timestamp() - interval '1 hour', now(), 1, 0, false)`,
    );
    const beatAt = async (): Promise<string | undefined> =>
      (await sql.query<{ at: string }>('select beat_at::text as at from node where id = $1', [here.nodes.id]))
        .rows[0]?.at;
    for (let last = await beatAt(); (await rows()).includes('silent');) {
      const next = await beatAt();
      if (next !== last) beats += 1;
      last = next;
    }

    // The first was that of the start, before anybody counted.
    expect(beats).toBeGreaterThanOrEqual(2);
  });

  it('begin again with another id where they were taken for dead themselves', async () => {
    const here = await start();
    const before = here.nodes.id;
    expect(here.nodes.isSure()).toBe(true);
    const lost = new Promise<boolean>((resolve) => here.nodes.onLost(() => resolve(here.nodes.isSure())));

    await sql.query('delete from node');

    expect(await lost).toBe(false);
    expect(here.nodes.id).not.toBe(before);
    while (!here.nodes.isSure()) await new Promise(setImmediate);
    expect(await rows()).toEqual([here.nodes.id]);
    expect(here.warnings).toEqual([expect.stringContaining(`took this node (${before}) for dead`)]);
  });

  it('go on beating when their connection was cut, as who they were', async () => {
    const here = await start();
    const { id } = here.nodes;
    const beatAt = async (): Promise<unknown> => (await sql.query('select beat_at::text from node')).rows[0];

    await sql.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()');

    const last = JSON.stringify(await beatAt());
    while (JSON.stringify(await beatAt()) === last);
    expect(await rows()).toEqual([id]);
  });

  it('aren’t sure of what they hold once they were not heard for as long as makes them dead', async () => {
    const here = await start();
    await sql.query('begin');
    // Their beats wait.
    await sql.query('lock table node in access exclusive mode');

    while (here.nodes.isSure()) await new Promise(setImmediate);
    await sql.query('rollback');

    while (!here.nodes.isSure()) await new Promise(setImmediate);
  });
});
