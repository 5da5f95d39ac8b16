import { createHash, randomUUID } from 'node:crypto';
import DataLoader from 'dataloader';
import { IsNull, MoreThan } from 'typeorm';
import type { Limits } from '../limits.js';
import { ownerOf } from '../../library/store/owner.js';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import type { Store } from '../../library/store/store.js';
import type { Transaction } from '../../library/store/transaction.js';
import type { Person, UsersService } from '../users/users.service.js';
import { LoginSessionRow } from './login-session.entity.js';
import { addSession, adoptSession, endSession, endSessionsOfUser, renameSessions } from './session-rows.js';
import type { LiveSessions } from './live-sessions.js';
import { Refusal } from '../errors.js';
import { SignedIn } from './signed-in.js';
import type { Claims, Tokens } from './tokens.js';

/** How long logins last, and how many a user has. */
export interface LoginSessionsOptions {
  readonly limits: Pick<Limits, 'tokenMs' | 'sessionMs' | 'stayMs' | 'loginSessions' | 'pageItems'>;
  readonly tokens: Tokens;
  readonly live: LiveSessions;
}

/** From login to logout: who a token stands for, as long as its session wasn't ended. */
export class LoginSessions {
  /**
   * Looked up together by all who ask while the last look-up is on its way: everybody comes at once after a restart,
   * and a query for each was a quarter of a CONNECT.
   */
  readonly #found = new DataLoader<string, FoundSession | undefined>((ids) => this.#find(ids), {
    // A session may be ended at any time.
    cache: false,
    batchScheduleFn: (ask) => void this.#lookUp.then(() => setImmediate(ask)),
  });
  readonly #listeners = new Set<(ids: readonly string[]) => void>();
  /** Never fails. */
  #lookUp: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: Store,
    private readonly users: UsersService,
    private readonly options: LoginSessionsOptions,
  ) {}

  /**
   * Opens a session that lasts as long as a token, and so for long where the person stays signed in.
   * @throws {Refusal} auth_failed: here an issuer elsewhere signs people in, and passwords are worth nothing
   */
  async open(person: Person, { device, stays = false }: LoginOpening = {}): Promise<SignedIn> {
    const { tokens, limits, live } = this.options;
    if (!tokens.issue) throw elsewhere();
    const now = Date.now();
    const lifeMs = stays ? limits.stayMs : limits.tokenMs;
    const session = {
      id: randomUUID(),
      userId: person.id,
      expiresAt: wholeSecond(now + lifeMs),
      endsAt: wholeSecond(now + Math.max(lifeMs, limits.sessionMs)),
      lifeMs: stays ? lifeMs : null,
      device: device?.slice(0, DEVICE_LENGTH) ?? null,
    };
    const ended = await this.store.write(
      ({ manager }) => addSession(manager, session, limits, (id) => live.isInUse(id)),
      ownerOf(person.id),
    );
    this.#end(ended);
    return this.#signedIn(person, session);
  }

  /** Lets the session last as long as a new token. @throws {Refusal} auth_revoked: it was ended meanwhile */
  async extend(signedIn: SignedIn): Promise<SignedIn> {
    const now = wholeSecond(Date.now()).getTime();
    const [extended] = await this.store.write(
      (tx) =>
        rowsOf<{ expires_at: number }>(
          tx.manager,
          `update login_session set renewed_at = $1, expires_at =
             case when $1 + coalesce(life_ms, $2) < ends_at then $1 + coalesce(life_ms, $2) else ends_at end
           where id = $3 and revoked_at is null returning expires_at`,
          [now, this.options.limits.tokenMs, signedIn.sessionId],
        ),
      ownerOf(signedIn.id),
    );
    if (!extended) throw revoked();
    const session = { id: signedIn.sessionId, expiresAt: new Date(extended.expires_at) };
    return this.#signedIn({ id: signedIn.id, email: signedIn.name, role: signedIn.role }, session);
  }

  /** The token that stands for the session until `expiresAt`. @throws {Refusal} auth_failed, as `open` */
  issue({ id, sessionId, expiresAt }: SignedIn): string {
    if (!this.options.tokens.issue) throw elsewhere();
    return this.options.tokens.issue(id, sessionId, new Date(expiresAt));
  }

  /** Calls back after the commit with the sessions that were ended, or renamed, here, for the other nodes. */
  onEnded(listener: (ids: readonly string[]) => void): void {
    this.#listeners.add(listener);
  }

  /** Ends the session, and what lives on it: here at once, on other nodes when they hear of it, or at their next look. */
  async revoke({ id, sessionId }: SignedIn): Promise<void> {
    await this.store.write(({ manager }) => endSession(manager, sessionId), ownerOf(id));
    this.#end([sessionId]);
  }

  /** The logins of a user that aren't over, those that last longest first. */
  async openOf({ id, sessionId }: SignedIn): Promise<OpenLogin[]> {
    const rows = await this.store.read.find(LoginSessionRow, {
      where: { userId: id, revokedAt: IsNull(), expiresAt: MoreThan(new Date()) },
      order: { expiresAt: 'desc' },
      take: this.options.limits.pageItems,
    });
    return rows.map((row) => ({
      id: row.id,
      device: row.device,
      openedAt: row.openedAt,
      renewedAt: row.renewedAt,
      expiresAt: row.expiresAt,
      stays: row.lifeMs !== null,
      isCurrent: row.id === sessionId,
    }));
  }

  /** Ends one login of a user. @throws {Refusal} not_found */
  async revokeOf(userId: number, sessionId: string): Promise<void> {
    const ended = await this.store.write(
      ({ manager }) => endSessionsOfUser(manager, userId, { only: sessionId }),
      ownerOf(userId),
    );
    if (ended.length === 0) throw new Refusal('not_found', 'There is no such login.');
    this.#end(ended);
  }

  /** Ends a user's logins, with `change` or not at all. @param except the one that stays */
  async revokeAllOf(
    userId: number,
    except: string | undefined,
    change: (tx: Transaction) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const ended = await this.store.write(async (tx) => {
      await change(tx);
      return endSessionsOfUser(tx.manager, userId, { except });
    }, ownerOf(userId));
    this.#end(ended);
  }

  /** Makes `change`, which gives a user another address: the logins stay, and what lives on them has to connect anew. */
  async rename(userId: number, change: (tx: Transaction) => Promise<void>): Promise<void> {
    const renamed = await this.store.write(async (tx) => {
      await change(tx);
      return renameSessions(tx.manager, userId);
    }, ownerOf(userId));
    this.#end(renamed);
  }

  /** @throws {Refusal} auth_failed, auth_expired, auth_revoked */
  async byToken(token: string): Promise<SignedIn> {
    const claims = await this.options.tokens.verify(token);
    const sessionId = claims.kind === 'own' ? claims.sessionId : await this.#adopt(token, claims);
    const signedIn = await this.bySession(sessionId);
    // A token ends by itself, although its session may have been extended by another one.
    return this.#signedIn(
      { id: signedIn.id, email: signedIn.name, role: signedIn.role },
      { id: sessionId, expiresAt: claims.expiresAt },
    );
  }

  /** @throws {Refusal} auth_failed, auth_expired, auth_revoked */
  async bySession(sessionId: string): Promise<SignedIn> {
    const found = await this.#found.load(sessionId);
    if (!found) throw new Refusal('auth_failed', 'There is no such session; sign in again.');
    if (found.revoked_at !== null) throw revoked();
    if (found.expires_at <= Date.now())
      throw new Refusal('auth_expired', 'The session has expired; sign in again.');
    return this.#signedIn(
      { id: found.user_id, email: found.email, role: found.role },
      { id: sessionId, expiresAt: new Date(found.expires_at) },
    );
  }

  async #find(ids: readonly string[]): Promise<(FoundSession | undefined)[]> {
    const { read } = this.store;
    const found = rowsOf<FoundSession>(
      read,
      `select s.id, s.expires_at, s.revoked_at, s.user_id, u.email, u.role
       from login_session s join users u on u.id = s.user_id
       where s.id in (select value->>0 from ${listsIn(read, '$1')})`,
      [JSON.stringify(ids.map((id) => [id]))],
    );
    this.#lookUp = found.catch(() => undefined);
    const rows = await found;
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => byId.get(id));
  }

  /** An issuer's token is a session of its own, kept so that it can be ended and can have tickets like any other. */
  async #adopt(token: string, claims: Extract<Claims, { kind: 'foreign' }>): Promise<string> {
    const id = createHash('sha256').update(token).digest('base64url');
    if (await this.store.read.existsBy(LoginSessionRow, { id })) return id;
    const person = await this.users.findByEmail(claims.email);
    if (!person) throw new Refusal('auth_failed', 'Nobody here has the e-mail address of this token.');
    const { limits, live } = this.options;
    const session = {
      id,
      userId: person.id,
      expiresAt: claims.expiresAt,
      endsAt: claims.expiresAt,
      lifeMs: null,
      device: null,
    };
    const isAdopted = await this.store.write(
      ({ manager }) => adoptSession(manager, session, limits, (one) => live.isInUse(one)),
      ownerOf(person.id),
    );
    if (!isAdopted) throw revoked();
    return id;
  }

  /** What lives on them ends; whether the login itself is over, the database knows. */
  #end(ids: readonly string[]): void {
    if (ids.length === 0) return;
    for (const id of ids) this.options.live.revoke(id);
    for (const listener of this.#listeners) listener(ids);
  }

  #signedIn(
    user: Pick<Person, 'id' | 'email' | 'role'>,
    session: Pick<LoginSessionRow, 'id' | 'expiresAt'>,
  ): SignedIn {
    return new SignedIn(user, session, () =>
      this.options.live.endingOf(session.id, session.expiresAt, user.email),
    );
  }
}

/** How a login was opened. */
export interface LoginOpening {
  /** What the client calls itself. */
  readonly device?: string | undefined;
  /** Whether it lasts while no client is there to renew its token. */
  readonly stays?: boolean | undefined;
}

/** A login, as the person sees it whose it is. */
export interface OpenLogin extends Pick<
  LoginSessionRow,
  'id' | 'device' | 'openedAt' | 'renewedAt' | 'expiresAt'
> {
  readonly stays: boolean;
  /** The one that asks. */
  readonly isCurrent: boolean;
}

/** As long as its column. */
const DEVICE_LENGTH = 200;

/** A login session, and whose it is. */
interface FoundSession {
  readonly id: string;
  readonly expires_at: number;
  readonly revoked_at: number | null;
  readonly user_id: number;
  readonly email: string;
  readonly role: Person['role'];
}

/** Tokens know seconds only (RFC 7519, 2, NumericDate); rounded up, so that a short one lives at all. */
function wholeSecond(ms: number): Date {
  return new Date(Math.ceil(ms / 1000) * 1000);
}

function revoked(): Refusal {
  return new Refusal('auth_revoked', 'This session was ended; sign in again.');
}

function elsewhere(): Refusal {
  return new Refusal('auth_failed', 'Sign in with the issuer of tokens that this installation trusts.');
}
