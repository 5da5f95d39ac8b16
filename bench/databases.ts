import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { NotHereError } from './target.js';

/** A database of its own for one measurement. */
export interface Database {
  readonly name: string;
  readonly url: string;
  drop(): Promise<void>;
}

export async function createSqlite(): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-bench-'));
  return {
    name: 'SQLite',
    url: `sqlite:${join(folder, 'carillon.sqlite')}`,
    drop: () => rm(folder, { recursive: true }),
  };
}

/** @param server as whoever may create databases there @throws {NotHereError} */
export async function createPostgres(server: string): Promise<Database> {
  const name = `carillon_bench_${Date.now()}`;
  try {
    await onServer(server, `create database ${name}`);
  } catch (error) {
    throw new NotHereError(`${new URL(server).host}: ${(error as Error).message}`, { cause: error });
  }
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    name: 'PostgreSQL',
    url: url.href,
    drop: () => onServer(server, `drop database ${name} with (force)`),
  };
}

async function onServer(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: 2_000 });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
