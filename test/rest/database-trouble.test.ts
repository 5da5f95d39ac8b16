import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import sqlite3 from 'sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { postgres, sqlite, type FreshDatabase } from '../databases.js';
import { tcpProxy, type TcpProxy } from '../tcp-proxy.js';
import { ask, openClinic, problemOf, signIn, type Answer, type Clinic, type Login } from './clinic.js';

const patience = { LIMIT_DATABASE_WAIT_MS: '200', LIMIT_READY_MS: '2000', LIMIT_REFRESH_MS: '1' };

let clinic: Clinic;
let operator: Login;
/** The numbers that were answered with 201. */
let acknowledged: number[];

beforeEach(() => {
  acknowledged = [];
});

describe('a SQLite file that another process has locked', () => {
  let database: FreshDatabase;

  beforeEach(async () => {
    database = await sqlite.create();
    await open(database);
  });
  afterEach(async () => {
    await clinic.close();
    await database.drop();
  });

  it('makes who writes hear 503 and the node not ready, until it is free; reading goes on', async () => {
    await send();
    const other = new sqlite3.Database(database.url.slice('sqlite:'.length));
    await new Promise((resolve) => other.exec('begin immediate', resolve));

    expect(problemOf(await send())).toEqual({ status: 503, code: 'unavailable' });
    expect(problemOf(await ready())).toEqual({ status: 503, code: 'unavailable' });
    expect(await stored()).toEqual(acknowledged);

    await new Promise((resolve) => other.exec('rollback', () => other.close(resolve)));
    expect((await ready()).status).toBe(200);
    expect((await send()).status).toBe(201);
    expect(await stored()).toEqual([1, 2]);
  });
});

const mounting = await troubleWithMounting();

describe.skipIf(mounting !== undefined)(`a full disk${mounting ? ` (skipped: ${mounting})` : ''}`, () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'carillon-small-disk-'));
    mount(folder);
    await open({ url: `sqlite:${join(folder, 'small.sqlite')}`, drop: () => Promise.resolve() });
  });
  afterEach(async () => {
    await clinic.close();
    unmount(folder);
    await rm(folder, { recursive: true });
  });

  it('loses nothing that was acknowledged, says 503, and serves again when there is room', async () => {
    const ballast = join(folder, 'ballast');
    await send();
    fill(ballast);
    let answer = await send();
    // What SQLite has of the file's length already, it can still use.
    for (let i = 0; answer.status === 201 && i < 500; i++) answer = await send();
    fill(ballast);

    expect(problemOf(answer)).toEqual({ status: 503, code: 'unavailable' });
    expect(problemOf(await ready())).toEqual({ status: 503, code: 'unavailable' });
    expect(await stored()).toEqual(acknowledged);

    await rm(ballast);
    expect((await ready()).status).toBe(200);
    expect((await send()).status).toBe(201);
    expect(await stored()).toEqual(acknowledged);
    expect(acknowledged).toEqual(acknowledged.map((_, i) => i + 1));
  });
});

describe.skipIf(!postgres.isHere)(`${postgres.name} that goes away`, () => {
  let database: FreshDatabase;
  let proxy: TcpProxy;

  beforeEach(async () => {
    database = await postgres.create();
    const url = new URL(database.url);
    proxy = await tcpProxy({ host: url.hostname, port: Number(url.port || 5432) });
    url.host = `127.0.0.1:${proxy.port}`;
    await open({ ...database, url: url.href });
  });
  afterEach(async () => {
    await clinic.close();
    await proxy.stop();
    await database.drop();
  });

  it('and comes back: 503 meanwhile, nothing lost', async () => {
    await send();
    await proxy.stop();

    expect(problemOf(await send())).toEqual({ status: 503, code: 'unavailable' });
    expect(problemOf(await ready())).toEqual({ status: 503, code: 'unavailable' });
    expect((await ask(`${clinic.url}/livez`)).status).toBe(200);

    await proxy.resume();
    expect((await ready()).status).toBe(200);
    expect((await send()).status).toBe(201);
    expect(await stored()).toEqual([1, 2]);
  });

  it('under the requests that it cuts: each is answered, and what was acknowledged is there', async () => {
    const answers: Answer[] = [];
    const callers = Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 20; i++) answers.push(await send());
    });
    const administrator = new Client({ connectionString: database.url });
    await administrator.connect();
    for (let i = 0; i < 5; i++) {
      await sleep(20);
      await administrator.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()`,
      );
    }
    await Promise.all(callers);
    await administrator.end();

    expect(answers).toHaveLength(160);
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(problemOf(answer)).toEqual({ status: 503, code: 'unavailable' });
    const seqs = await stored();
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    expect(seqs).toEqual(expect.arrayContaining(acknowledged));
    expect((await ready()).status).toBe(200);
    expect((await send()).status).toBe(201);
  });
});

async function open(database: FreshDatabase): Promise<void> {
  clinic = await openClinic(patience, database);
  operator = await signIn(clinic, 'operator');
}

async function send(): Promise<Answer> {
  const body = { userId: operator.user.id, message: 'Hello', data: { text: 'x'.repeat(10_000) } };
  const answer = await ask(`${clinic.url}/api/notifications`, { token: operator.token, body });
  if (answer.status === 201) acknowledged.push(answer.body['seq'] as number);
  return answer;
}

function ready(): Promise<Answer> {
  return ask(`${clinic.url}/readyz`);
}

/** The numbers of all rows, in order. */
async function stored(): Promise<number[]> {
  const seqs: number[] = [];
  for (let after: string | null = 'earliest'; after !== null;) {
    const page: Answer<{ items: { seq: number }[]; next: string | null }> = await ask(
      `${clinic.url}/api/notifications?limit=100&after=${after}`,
      { token: operator.token },
    );
    seqs.push(...page.body.items.map(({ seq }) => seq));
    after = page.body.next;
  }
  return seqs;
}

/** Takes what room there is, to the last byte. */
function fill(path: string): void {
  for (const size of [65_536, 4_096, 1]) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

async function troubleWithMounting(): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'carillon-small-disk-'));
  try {
    mount(folder);
    unmount(folder);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function mount(folder: string): void {
  run('mount', '-t', 'tmpfs', '-o', 'size=4m', 'carillon-test', folder);
}

function unmount(folder: string): void {
  run('umount', folder);
}

function run(command: string, ...parameters: string[]): void {
  const { status, error, stderr } = spawnSync(command, parameters, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(stderr.trim());
}
