import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeptStatements } from './kept-statements.js';

let path: string;
let connection: KeptStatements;

beforeEach(async () => {
  path = join(tmpdir(), `kept-${randomUUID()}.sqlite`);
  await new Promise<void>((resolve, reject) => {
    connection = new KeptStatements(path, (error) => (error ? reject(error) : resolve()));
  });
  await ask('create table thing (name text unique)');
});

afterEach(async () => {
  await new Promise<void>((resolve, reject) => {
    connection.close((error) => (error ? reject(error) : resolve()));
  });
  await rm(path);
});

function ask(sql: string, parameters: unknown[] = []): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.all(sql, parameters, (error: Error | null, rows: unknown) =>
      error ? reject(error) : resolve(rows),
    );
  });
}

describe('a connection that keeps its statements', () => {
  it('prepares one text once, whatever it is asked with', async () => {
    const prepare = vi.spyOn(connection, 'prepare');

    for (const name of ['a', 'b', 'c']) await ask('insert into thing (name) values ($1)', [name]);

    expect(prepare).toHaveBeenCalledTimes(1);
    expect(await ask('select name from thing order by name')).toEqual(
      ['a', 'b', 'c'].map((name) => ({ name })),
    );
  });

  it('answers the same question to all who ask it at once', async () => {
    const all = Array.from({ length: 50 }, (_, i) => ask('select $1 as number', [i]));

    expect(await Promise.all(all)).toEqual(Array.from({ length: 50 }, (_, i) => [{ number: i }]));
  });

  it('keeps as many of one text as ask it at once', async () => {
    const prepare = vi.spyOn(connection, 'prepare');
    const askAtOnce = () => Promise.all([1, 2, 3].map((number) => ask('select $1 as number', [number])));

    for (let round = 0; round < 3; round++)
      expect(await askAtOnce()).toEqual([1, 2, 3].map((number) => [{ number }]));

    expect(prepare).toHaveBeenCalledTimes(3);
  });

  it.each([
    'select name from thing',
    'delete from thing returning name',
    'explain query plan delete from thing returning name',
    ' EXPLAIN delete from thing',
    'pragma table_info(thing)',
  ])('commits after it has asked: %s', async (sql) => {
    await ask('insert into thing (name) values ($1)', ['a']);
    await ask('begin');
    await ask(sql);

    await expect(ask('commit')).resolves.toEqual([]);
  });

  it('refuses what is asked while it closes, and nothing is thrown', async () => {
    const asked = new KeptStatements(':memory:');
    const faults: Error[] = [];
    asked.on('error', (error) => faults.push(error));
    const isClosed = new Promise((resolve) => asked.close(resolve));

    const answer = new Promise((resolve) => asked.all('select 1', [], resolve));

    expect(await answer).toMatchObject({ code: 'SQLITE_MISUSE' });
    expect(await isClosed).toBeNull();
    expect(faults).toEqual([]);
  });

  it('tells what is wrong with a text, and with what it is asked with, each time', async () => {
    for (let i = 0; i < 2; i++) await expect(ask('select name from nowhere')).rejects.toThrow('nowhere');

    await ask('insert into thing (name) values ($1)', ['a']);
    for (let i = 0; i < 2; i++)
      await expect(ask('insert into thing (name) values ($1)', ['a'])).rejects.toThrow('UNIQUE');
    await ask('insert into thing (name) values ($1)', ['b']);
  });

  it('sees columns that came after a text was prepared', async () => {
    await ask('select * from thing');
    await ask('insert into thing (name) values ($1)', ['a']);
    await ask('alter table thing add column age integer');

    expect(await ask('select * from thing')).toEqual([{ name: 'a', age: null }]);
  });

  it('keeps nothing that is long, and few texts', async () => {
    const prepare = vi.spyOn(connection, 'prepare');
    for (let i = 0; i < 2; i++) await ask('select length($1) as length', ['x'.repeat(10_000)]);
    expect(prepare).not.toHaveBeenCalled();

    for (let i = 0; i < 300; i++) await ask(`select ${i}`);
    await ask('select 299');
    expect(prepare).toHaveBeenCalledTimes(300);
    await ask('select 0');
    expect(prepare).toHaveBeenCalledTimes(301);
  });
});
