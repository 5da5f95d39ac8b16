import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';

/** What belongs to a session of PostgreSQL is lost, or another's. */
export class SessionsShared extends Error {
  override readonly name = 'SessionsShared';

  /** @param setting that names an address past the pooler */
  constructor(setting: string) {
    super(
      `a pooler between shares sessions of PostgreSQL among connections (as PgBouncer does by transactions): ${setting} has to lead past it, or through a pool of sessions.`,
    );
  }
}

/**
 * Whether a pooler between gives one session of PostgreSQL to several connections: then neither advisory locks nor LISTEN hold.
 * @param other asked only where there is a pooler at all
 */
export async function areSessionsShared(one: Client, other: () => Promise<Client>): Promise<boolean> {
  const { rows } = await one.query<{ pid: number }>('select pg_backend_pid() as pid');
  // A pooler tells its clients an id of its own making.
  if (rows[0]?.pid === (one as Client & { readonly processID: number | null }).processID) return false;

  const second = await other();
  // The one that was used last is the next to be lent; who else uses the pool may come between.
  for (let tries = 0; tries < TRIES; tries++) if (await isOneLent(one, second)) return true;
  return false;
}

const TRIES = 5;

async function isOneLent(one: Client, other: Client): Promise<boolean> {
  const mark = randomUUID();
  await one.query(`select set_config('carillon.session', $1, false)`, [mark]);
  await other.query('begin');
  try {
    // The other one's transaction has taken it, or one that came between.
    return (await markOf(other)) === mark || (await markOf(one)) !== mark;
  } finally {
    await other.query('rollback');
  }
}

async function markOf(client: Client): Promise<string | null | undefined> {
  const { rows } = await client.query<{ mark: string | null }>(
    `select current_setting('carillon.session', true) as mark`,
  );
  return rows[0]?.mark;
}
