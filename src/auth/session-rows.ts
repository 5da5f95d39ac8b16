import type { EntityManager } from 'typeorm';
import type { Limits } from '../limits.js';
import { rowsOf } from '../store/rows.js';
import type { LoginSessionRow } from './login-session.entity.js';

/** Other nodes have this long to see what was ended, before it may be forgotten. */
const SEEN_BY_ALL_MS = 60_000;

/**
 * Adds a session, and bounds what its user leaves behind: those that are over go; of the others only so many are open
 * that nothing lives on, the oldest of them end; and only as many ended ones are remembered.
 * @param isInUse whether something on this node lives on a session
 * @returns the sessions that were ended
 */
export async function addSession(
  manager: EntityManager,
  session: Omit<LoginSessionRow, 'revokedAt'>,
  { loginSessions }: Pick<Limits, 'loginSessions'>,
  isInUse: (id: string) => boolean,
): Promise<string[]> {
  const { id, userId, expiresAt, endsAt } = session;
  const now = Date.now();
  await rowsOf(
    manager,
    'delete from login_session where user_id = $1 and revoked_at is null and expires_at < $2',
    [userId, now],
  );
  await rowsOf(
    manager,
    `delete from login_session where user_id = $1 and revoked_at < $2 and revoked_at <= (
       select revoked_at from login_session where user_id = $1 and revoked_at is not null
       order by revoked_at desc limit 1 offset $3)`,
    [userId, now - SEEN_BY_ALL_MS, loginSessions],
  );
  await rowsOf(
    manager,
    `insert into login_session (id, user_id, expires_at, ends_at) values ($1, $2, $3, $4)
     on conflict (id) do nothing`,
    [id, userId, expiresAt.getTime(), endsAt.getTime()],
  );
  const older = await rowsOf<{ id: string }>(
    manager,
    `select id from login_session where user_id = $1 and revoked_at is null and id <> $2
     order by expires_at desc`,
    [userId, id],
  );
  const unused = older.map((one) => one.id).filter((one) => !isInUse(one));
  const ended = unused.slice(Math.max(loginSessions - 1, 0));
  for (const one of ended) await endSession(manager, one);
  return ended;
}

/** Marks it as ended, by the one clock that all nodes share: the database's, where that isn't this process. */
export async function endSession(manager: EntityManager, id: string): Promise<void> {
  const now =
    manager.connection.options.type === 'postgres'
      ? 'cast(extract(epoch from clock_timestamp()) * 1000 as bigint)'
      : `${Date.now()}`;
  await rowsOf(
    manager,
    `update login_session set revoked_at = ${now} where id = $1 and revoked_at is null returning 1`,
    [id],
  );
}
