import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../bench/shape.js';

/** Whether it measures is tested here, and never what: times are for a quiet machine. */
describe('npm run bench', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'carillon-bench-test-'));
  });

  afterAll(() => rm(directory, { recursive: true }));

  it('gets a RECEIPT for each SEND to a queue', async () => {
    const { tables } = await bench(
      ...['--shape', 'queue', '--only', '64 publishers'],
      ...['--seconds', '0.3', '--peers', 'carillon'],
    );

    expect(tables).toHaveLength(2);
    for (const row of tables.flatMap(({ rows }) => rows)) {
      expect(row['sends']).toBeGreaterThan(0);
      expect(row['receipts']).toBe(row['sends']);
    }
  });

  it('delivers each message to each subscriber, on Carillon as on the floor', async () => {
    const { tables } = await bench(
      ...['fanout', '--only', 'window 32, 100 subscribers, 100 bytes'],
      ...['--seconds', '0.3', '--peers', 'carillon,ws'],
    );

    const rows = tables.flatMap((table) => table.rows);
    expect(rows.map(({ server }) => server)).toEqual(['carillon', 'ws']);
    for (const row of rows) {
      expect(row['delivered']).toBeGreaterThan(0);
      expect(row['delivered']).toBe(row['expected']);
    }
  });

  it('rings once for each notification, and replays all of them', async () => {
    const { tables, remarks } = await bench(
      ...['notify', '--seconds', '0.3', '--rows', '2000'],
      // Nothing listens there: one database is enough here.
      ...['--postgres', 'postgres://nobody@127.0.0.1:1/none'],
    );

    const [inProcess, http, replay] = tables.map(({ rows }) => rows);
    expect(inProcess?.map(({ callers }) => callers)).toEqual([1, 64]);
    for (const row of inProcess ?? []) expect(row['notifications']).toBeGreaterThan(0);
    for (const row of http ?? []) {
      expect(row['posts']).toBeGreaterThan(0);
      expect(row['pushes']).toBe(row['posts']);
    }
    expect(replay).toMatchObject([{ rows: 2_000, expected: 2_000 }]);
    expect(remarks).toMatchObject([
      expect.stringMatching(/^Carillon runs with .*LIMIT_/),
      expect.stringMatching(/^PostgreSQL was skipped: /),
    ]);
    // Five servers start one after the other.
  }, 180_000);

  it('connects everybody in a storm', async () => {
    const { tables } = await bench(
      ...['connect', '--only', '500 connections'],
      ...['--seconds', '0.3', '--peers', 'carillon,ws'],
    );

    expect(tables.flatMap(({ rows }) => rows)).toMatchObject([
      { server: 'carillon', connected: 500, expected: 500 },
      { server: 'ws', connected: 500, expected: 500 },
    ]);
  });

  it('reaches everybody who was idle, by each transport', async () => {
    const { tables } = await bench(
      ...['idle', '--clients', '200', '--seconds', '0.3'],
      ...['--peers', 'carillon,carillon-sockjs,carillon-sse,ws'],
    );

    expect(tables.flatMap(({ rows }) => rows)).toMatchObject([
      { server: 'carillon', reached: 200, expected: 200 },
      { server: 'carillon-sockjs', reached: 200, expected: 200 },
      { server: 'carillon-sse', reached: 200, expected: 200 },
      { server: 'ws', reached: 200, expected: 200 },
    ]);
    // Three servers with users of their own start one after the other.
  }, 120_000);

  it('brings each message of a conversation to each of its Socket.IO clients, as plain Socket.IO does', async () => {
    const { tables } = await bench(
      ...['socketio', '--only', 'members', '--clients', '20', '--seconds', '0.3'],
      ...['--peers', 'carillon-socketio,socket.io'],
    );

    const rows = tables.flatMap((table) => table.rows);
    expect(rows.map(({ server }) => server)).toEqual(['carillon', 'socket.io']);
    for (const row of rows) {
      expect(row['delivered']).toBeGreaterThan(0);
      expect(row['delivered']).toBe(row['expected']);
    }
  }, 60_000);

  it('shows each message that is due to the other one in its conversation', async () => {
    const { tables } = await bench(...['chat', '--clients', '4', '--only', '100/s', '--seconds', '0.5']);

    expect(tables.flatMap(({ rows }) => rows)).toMatchObject([{ 'messages/s': 100, posts: 50, shown: 50 }]);
  }, 60_000);

  it('brings a notification to each of many users once, by each transport', async () => {
    const { tables } = await bench(...['mixed', '--clients', '50', '--seconds', '0.3']);

    const [nobody, ...others] = tables.flatMap(({ rows }) => rows);
    expect(nobody).toMatchObject({ transport: 'nobody', delivered: 0, expected: 0 });
    expect(others.map(({ transport }) => transport)).toEqual(['STOMP', 'SockJS', 'SSE', 'JSON', 'Socket.IO']);
    for (const row of others) {
      expect(row['delivered']).toBeGreaterThan(0);
      expect(row['delivered']).toBe(row['expected']);
    }
  }, 60_000);

  it('hears each payload that a line carries, or says which engine is not there', async () => {
    const { tables, remarks } = await bench('line', '--seconds', '0.3');

    const rows = tables.flatMap(({ rows }) => rows);
    expect(rows.length + remarks.length).toBe(3);
    for (const row of rows) {
      expect(row['sent']).toBeGreaterThan(0);
      expect(row['heard']).toBe(row['sent']);
    }
  });

  it('says which shapes there are when it is asked for another one', async () => {
    await expect(bench('nonsense')).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/no shape "nonsense"[^]*shapes: queue, notify/) as string,
    });
  });

  it('says which peers there are when it is asked for another one', async () => {
    await expect(bench('fanout', '--peers', 'carillon,nonsense')).rejects.toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/no peer "nonsense"[^]*peers: carillon, /) as string,
    });
  });

  async function bench(...parameters: readonly string[]): Promise<Run> {
    const json = join(directory, 'runs.json');
    await promisify(execFile)(process.execPath, [program, ...parameters, '--json', json]);
    const [run] = JSON.parse(await readFile(json, 'utf8')) as Run[];
    if (!run) throw new Error('The bench wrote no run');
    return run;
  }
});

const program = resolve('dist/bench/main.js');
