import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

/** A kind of database that a suite runs on. */
export interface DatabaseKind {
  /** With the reason, where it is skipped. */
  readonly name: string;
  readonly isHere: boolean;
  /** An empty database of its own. */
  create(): Promise<FreshDatabase>;
}

export interface FreshDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

export const sqlite: DatabaseKind = {
  name: 'SQLite',
  isHere: true,
  async create() {
    const folder = await mkdtemp(join(tmpdir(), 'carillon-test-'));
    return {
      url: `sqlite:${join(folder, 'test.sqlite')}`,
      drop: () => rm(folder, { recursive: true }),
    };
  },
};

const server = process.env.TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/test';
const trouble = await troubleWith(server);

export const postgres: DatabaseKind = {
  name: trouble === undefined ? 'PostgreSQL' : `PostgreSQL (skipped: ${trouble}; set TEST_POSTGRES_URL)`,
  isHere: trouble === undefined,
  async create() {
    const name = `carillon_test_${randomBytes(6).toString('hex')}`;
    await onServer(`create database ${name}`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    return { url: url.href, drop: () => onServer(`drop database ${name} with (force)`) };
  },
};

async function onServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: server, connectionTimeoutMillis: 2_000 });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function troubleWith(url: string, triesLeft = 40): Promise<string | undefined> {
  try {
    await onServer('select 1');
    return undefined;
  } catch (error) {
    if (isStarting(error) && triesLeft > 0) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      return troubleWith(url, triesLeft - 1);
    }
    return `${new URL(url).host} ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isStarting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '57P03';
}
