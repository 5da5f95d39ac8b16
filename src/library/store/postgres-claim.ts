import { setTimeout } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Limits } from '../limits.js';
import { areSessionsShared, SessionsShared } from '../relay/shared-sessions.js';
import { DatabaseTaken, type DatabaseClaim, type ClaimKind } from './claim.js';
import type { StoreOptions } from './database.js';
import { connect } from './postgres-client.js';

type ClaimLimits = Pick<Limits, 'claimWaitMs' | 'claimCheckMs' | 'databaseWaitMs' | 'storeRetryMs'>;

/**
 * Claims a PostgreSQL database by an advisory lock of a connection of its own, which the server lets go with the
 * connection. A pooler that shares sessions would let it go, or give it to somebody else.
 * `lost` is told when another node has it, after this one's connection was cut: the two must not go on.
 * @throws {DatabaseTaken}, {SessionsShared}
 */
export async function claimPostgres(
  url: string,
  limits: ClaimLimits,
  { as, lost }: NonNullable<StoreOptions['claim']>,
): Promise<DatabaseClaim> {
  const claim = new PostgresClaim(url, limits, as, lost);
  if (!(await claim.take(limits.claimWaitMs))) throw taken(as);
  return claim;
}

class PostgresClaim implements DatabaseClaim {
  #client: Client | undefined;
  /** Which session has the lock, as PostgreSQL tells sessions apart. */
  #session: ClaimSession | undefined;
  #check: NodeJS.Timeout | undefined;
  #isReleased = false;

  constructor(
    private readonly url: string,
    private readonly limits: ClaimLimits,
    private readonly kind: ClaimKind,
    private readonly lost: (error: Error) => void,
  ) {}

  /** Whether it has it, after so much patience. */
  async take(patienceMs: number): Promise<boolean> {
    const client = await this.#connect();
    try {
      await this.#checkSession(client);
      for (const end = performance.now() + patienceMs; ;) {
        if (await isTrue(client, `select ${LOCKS[this.kind]}($1, $2) as it`, LOCK)) break;
        if (performance.now() >= end) {
          await client.end();
          return false;
        }
        await setTimeout(100);
      }
      const { rows } = await client.query<ClaimSession>(
        'select pid, backend_start::text from pg_stat_activity where pid = pg_backend_pid()',
      );
      this.#hold(client, rows[0]);
      return true;
    } catch (error) {
      await client.end();
      throw error;
    }
  }

  async #checkSession(client: Client): Promise<void> {
    let other: Client | undefined;
    const connectOther = async (): Promise<Client> => (other = await this.#connect());
    try {
      if (await areSessionsShared(client, connectOther)) throw new SessionsShared('DATABASE_URL');
    } finally {
      await other?.end();
    }
  }

  async release(): Promise<void> {
    this.#isReleased = true;
    clearInterval(this.#check);
    await this.#client?.end();
  }

  #hold(client: Client, session: ClaimSession | undefined): void {
    this.#client = client;
    this.#session = session;
    clearInterval(this.#check);
    // A network that dies without a word is noticed only by asking.
    this.#check = setInterval(() => {
      client.query('select 1').catch(() => void client.end().catch(() => undefined));
    }, this.limits.claimCheckMs).unref();
    client.once('end', () => void this.#regain());
    // It ended before anybody listened.
    if (this.#isReleased) void client.end().catch(() => undefined);
  }

  /** The connection is gone, and the lock with it. While the database is away nobody else can take it. */
  async #regain(): Promise<void> {
    clearInterval(this.#check);
    this.#client = undefined;
    while (!this.#isReleased) {
      try {
        await this.#endOldSession();
        if (this.#isReleased || (await this.take(this.limits.claimWaitMs))) return;
        return this.lost(taken(this.kind));
      } catch {
        // The store tells of a database that is away; here it is asked again.
        await setTimeout(this.limits.storeRetryMs, undefined, { ref: false });
      }
    }
  }

  /** Of a connection that broke the server may not know yet; then the lock is still held by nobody. */
  async #endOldSession(): Promise<void> {
    if (!this.#session) return;
    const client = await this.#connect();
    try {
      const { pid, backend_start } = this.#session;
      await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_start::text = $2',
        [pid, backend_start],
      );
    } finally {
      await client.end();
    }
  }

  async #connect(): Promise<Client> {
    const client = await connect(this.url, this.limits.databaseWaitMs);
    // A host that is gone without a word keeps the lock for half a minute, not for two hours; and idle it always is.
    for (const setting of [
      'tcp_keepalives_idle = 10',
      'tcp_keepalives_interval = 5',
      'tcp_keepalives_count = 3',
      'idle_session_timeout = 0',
    ])
      await client.query(`set ${setting}`).catch(() => undefined);
    return client;
  }
}

interface ClaimSession {
  readonly pid: number;
  readonly backend_start: string;
}

/** Carillon's own number, "CRLN" as of migrations, and the claim's. */
const LOCK = [0x43524c4e, 1];
const LOCKS = { alone: 'pg_try_advisory_lock', shared: 'pg_try_advisory_lock_shared' };

async function isTrue(client: Client, sql: string, values: unknown[]): Promise<boolean> {
  const { rows } = await client.query<{ it: boolean }>(sql, values);
  return rows[0]?.it === true;
}

function taken(kind: ClaimKind): DatabaseTaken {
  return new DatabaseTaken(
    kind === 'alone'
      ? 'another node has this database, and this one has no relay (RELAY_URL=none): neither would hear the other.'
      : 'another node has this database for itself (it has no relay, RELAY_URL=none): neither would hear the other.',
  );
}
