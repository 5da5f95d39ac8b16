import type { EntityManager } from 'typeorm';
import type { Limits } from '../limits.js';
import { rowsOf } from '../../library/store/rows.js';
import type { LoginSessionRow } from './login-session.entity.js';

/** Other nodes have this long to see what was ended, before it may be forgotten. */
const SEEN_BY_ALL_MS = 60_000;
/** Ended ones that one login forgets: more than one adds. */
const FORGOTTEN_AT_ONCE = 100;

type SessionFields = Omit<LoginSessionRow, 'revokedAt' | 'openedAt' | 'renewedAt'>;
type SessionLimits = Pick<Limits, 'loginSessions'>;
/** Whether something on this node lives on a session. */
type IsInUse = (id: string) => boolean;

/**
 * Adds a session of our own, and bounds what its user leaves behind: those that are over go; of the others only so many
 * are open that nothing lives on, the oldest of them end; and only as many ended ones are remembered.
 * @returns the sessions that were ended
 */
export async function addSession(
  manager: EntityManager,
  session: SessionFields,
  limits: SessionLimits,
  isInUse: IsInUse,
): Promise<string[]> {
  const surplus = await insert(manager, session, limits, isInUse);
  for (const one of surplus) await endSession(manager, one);
  return surplus;
}

/**
 * Adds the session of a token that somebody else made. As `addSession`, but what is too many goes without an end, and is
 * adopted again when its token comes again: it is its issuer who says how long that counts.
 * @returns false, and then nothing is added: it may have been ended, and forgotten since
 */
export async function adoptSession(
  manager: EntityManager,
  session: SessionFields,
  limits: SessionLimits,
  isInUse: IsInUse,
): Promise<boolean> {
  if (await isPerhapsForgotten(manager, session, limits)) return false;
  for (const one of await insert(manager, session, limits, isInUse))
    await rowsOf(manager, 'delete from login_session where id = $1 returning 1', [one]);
  return true;
}

/** @returns those that are too many, now that this one is there */
async function insert(
  manager: EntityManager,
  { id, userId, expiresAt, endsAt, lifeMs, device }: SessionFields,
  { loginSessions }: SessionLimits,
  isInUse: IsInUse,
): Promise<string[]> {
  const now = Date.now();
  await rowsOf(
    manager,
    'delete from login_session where user_id = $1 and revoked_at is null and expires_at < $2',
    [userId, now],
  );
  // Those that last longest are remembered: see isPerhapsForgotten.
  await rowsOf(
    manager,
    `delete from login_session where user_id = $1 and revoked_at < $2 and id in (
       select id from login_session where user_id = $1 and revoked_at is not null
       order by expires_at desc limit $3 offset $4)`,
    [userId, now - SEEN_BY_ALL_MS, FORGOTTEN_AT_ONCE, loginSessions],
  );
  await rowsOf(
    manager,
    `insert into login_session (id, user_id, expires_at, ends_at, life_ms, device, opened_at, renewed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (id) do nothing`,
    [id, userId, expiresAt.getTime(), endsAt.getTime(), lifeMs, device, now],
  );
  const older = await rowsOf<{ id: string }>(
    manager,
    `select id from login_session where user_id = $1 and revoked_at is null and id <> $2
     order by expires_at desc`,
    [userId, id],
  );
  const unused = older.map((one) => one.id).filter((one) => !isInUse(one));
  return unused.slice(Math.max(loginSessions - 1, 0));
}

/** As many ended sessions as are remembered last at least as long as this one: of those that end sooner nobody knows. */
async function isPerhapsForgotten(
  manager: EntityManager,
  { userId, expiresAt }: SessionFields,
  { loginSessions }: SessionLimits,
): Promise<boolean> {
  const [shortest] = await rowsOf<{ expires_at: number }>(
    manager,
    `select expires_at from login_session where user_id = $1 and revoked_at is not null
     order by expires_at desc limit 1 offset $2`,
    [userId, loginSessions - 1],
  );
  return shortest !== undefined && expiresAt.getTime() <= shortest.expires_at;
}

/** Marks it as ended. */
export async function endSession(manager: EntityManager, id: string): Promise<void> {
  await rowsOf(
    manager,
    `update login_session set revoked_at = ${nowOf(manager)} where id = $1 and revoked_at is null returning 1`,
    [id],
  );
}

/** Marks all of a user as ended. @param email in lower case */
export async function endSessionsOf(manager: EntityManager, email: string): Promise<void> {
  await rowsOf(
    manager,
    `update login_session set revoked_at = ${nowOf(manager)}
     where revoked_at is null and user_id = (select id from users where email = $1) returning 1`,
    [email],
  );
}

/** Marks a user's as ended: one of them, or all but one. @returns those that were ended here */
export async function endSessionsOfUser(
  manager: EntityManager,
  userId: number,
  which: { readonly only: string } | { readonly except: string | undefined },
): Promise<string[]> {
  const [comparison, id] = 'only' in which ? ['=', which.only] : ['<>', which.except ?? ''];
  const ended = await rowsOf<{ id: string }>(
    manager,
    `update login_session set revoked_at = ${nowOf(manager)}
     where user_id = $1 and id ${comparison} $2 and revoked_at is null returning id`,
    [userId, id],
  );
  return ended.map((one) => one.id);
}

/** Marks what lives on a user's logins as subscribed under an old address. @returns the logins */
export async function renameSessions(manager: EntityManager, userId: number): Promise<string[]> {
  const renamed = await rowsOf<{ id: string }>(
    manager,
    `update login_session set renamed_at = ${nowOf(manager)} where user_id = $1 and revoked_at is null returning id`,
    [userId],
  );
  return renamed.map((one) => one.id);
}

/** As SQL: by the one clock that all nodes share, the database's, where that isn't this process. */
export function nowOf({ connection }: EntityManager): string {
  return connection.options.type === 'postgres'
    ? 'cast(extract(epoch from clock_timestamp()) * 1000 as bigint)'
    : `${Date.now()}`;
}
