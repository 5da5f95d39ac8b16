import type { Limits } from '../limits.js';
import { networkOf } from '../../library/network.js';
import { ownerOf } from '../../library/store/owner.js';
import { rowsOf } from '../../library/store/rows.js';
import type { Store } from '../../library/store/store.js';
import type { UsersService } from '../users/users.service.js';
import { say } from '../words/say.js';
import { Attempts } from './attempts.js';
import type { LoginSessions } from './login-sessions.js';
import { forgetLinks, hashOfToken, newToken, noMailer, spentLink, type SendLinkMail } from './mailed-link.js';
import type { Origin, Passwords } from './passwords.js';
import { Refusal } from '../errors.js';
import type { NewPassword, PasswordChange } from './schemas.js';
import type { SignedIn } from './signed-in.js';

/** What an account's own changes need. */
export interface AccountOptions {
  readonly limits: Pick<Limits, 'resetMs' | 'resetsPerAccount' | 'resetsPerNetwork' | 'loginAccounts'>;
  /** Sends a mail; undefined: there is no mailer, and no password is replaced by a link. */
  readonly mail: SendLinkMail | undefined;
  /** Where the page is, without a slash at the end. */
  readonly page: string;
  readonly logError: (message: string, error: unknown) => void;
}

/** What people change of their own accounts, signed in or by a link that was mailed to them. */
export class Account {
  readonly #perAccount: Attempts;
  readonly #perNetwork: Attempts;

  constructor(
    private readonly store: Store,
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly sessions: LoginSessions,
    private readonly options: AccountOptions,
  ) {
    const { limits } = options;
    const bounds = { windowMs: 60 * 60 * 1000, keys: limits.loginAccounts };
    this.#perAccount = new Attempts({ ...bounds, limit: limits.resetsPerAccount });
    this.#perNetwork = new Attempts({ ...bounds, limit: limits.resetsPerNetwork });
  }

  async rename({ id }: SignedIn, name: string): Promise<void> {
    await this.store.write((tx) => this.users.rename(tx, id, name), ownerOf(id));
  }

  /** Ends the person's other logins with it. @throws {Refusal} wrong_password, rate_limited */
  async changePassword(user: SignedIn, { current, password }: PasswordChange, origin: Origin): Promise<void> {
    await this.confirm(user, current, origin);
    const passwordHash = await this.passwords.hash(password, origin, () => undefined);
    await this.sessions.revokeAllOf(user.id, user.sessionId, async (tx) => {
      await this.users.replacePassword(tx, user.id, passwordHash);
      await forgetLinks(tx, user.id);
    });
    this.passwords.changed();
  }

  /** That the person is there, and not only their login. @throws {Refusal} wrong_password, rate_limited */
  async confirm({ name }: SignedIn, current: string, origin: Origin): Promise<void> {
    try {
      await this.passwords.confirm(name, current, origin);
    } catch (error) {
      // Not `auth_failed`: the login itself is good.
      if (error instanceof Refusal && error.code === 'auth_failed')
        throw new Refusal('wrong_password', 'The current password is another one.', { cause: error });
      throw error;
    }
  }

  /**
   * Mails a link, where there is such an account; nobody is told whether there is, not by the time it takes either.
   * @throws {Refusal} rate_limited, unavailable: no mail can be sent here
   */
  forgot(email: string, { remoteAddress }: Origin): void {
    const { mail } = this.options;
    if (!mail) throw noMailer();
    const network = networkOf(remoteAddress);
    this.#perNetwork.check(network);
    this.#perNetwork.record(network);
    this.#sendLink(email.toLowerCase(), mail).catch((error: unknown) =>
      this.options.logError('A link for a new password could not be mailed', error),
    );
  }

  /** Uses up the link, and ends all logins of its account. @throws {Refusal} auth_failed */
  async reset({ token, password }: NewPassword, origin: Origin): Promise<void> {
    const [link] = await rowsOf<{ user_id: number }>(
      this.store.read,
      'select user_id from reset_link where token_hash = $1 and expires_at > $2',
      [hashOfToken(token), Date.now()],
    );
    if (!link) throw spentLink();
    const userId = link.user_id;
    const passwordHash = await this.passwords.hash(password, origin, () => undefined);
    await this.sessions.revokeAllOf(userId, undefined, async (tx) => {
      const [used] = await rowsOf(tx.manager, 'delete from reset_link where token_hash = $1 returning 1', [
        hashOfToken(token),
      ]);
      // Another use of it was first.
      if (!used) throw spentLink();
      await this.users.replacePassword(tx, userId, passwordHash);
      await forgetLinks(tx, userId);
    });
    this.passwords.changed();
  }

  async #sendLink(email: string, mail: SendLinkMail): Promise<void> {
    const person = await this.users.findByEmail(email);
    if (!person || !this.#mayMail(email)) return;
    const { limits, page } = this.options;
    const token = newToken();
    await this.store.write(async ({ manager }) => {
      await rowsOf(
        manager,
        'insert into reset_link (token_hash, user_id, expires_at) values ($1, $2, $3) returning 1',
        [hashOfToken(token), person.id, Date.now() + limits.resetMs],
      );
      await rowsOf(
        manager,
        `delete from reset_link where user_id = $1 and token_hash not in (
           select token_hash from reset_link where user_id = $1 order by expires_at desc limit $2) returning 1`,
        [person.id, limits.resetsPerAccount],
      );
    }, ownerOf(person.id));
    const language = (await this.users.languagesOf([person.id]))(person.id);
    await mail({
      to: person.email,
      subject: say(language, 'mail.reset'),
      language,
      text: say(language, 'mail.resetText', {
        minutes: Math.round(limits.resetMs / 60_000),
        url: `${page}/reset#${token}`,
      }),
    });
  }

  #mayMail(email: string): boolean {
    try {
      this.#perAccount.check(email);
    } catch {
      // Said to nobody: it would tell that there is such an account.
      return false;
    }
    this.#perAccount.record(email);
    return true;
  }
}
