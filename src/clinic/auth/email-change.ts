import type { Limits } from '../limits.js';
import { ownerOf } from '../../library/store/owner.js';
import { rowsOf } from '../../library/store/rows.js';
import type { Store } from '../../library/store/store.js';
import type { Transaction } from '../../library/store/transaction.js';
import type { UsersService } from '../users/users.service.js';
import { say } from '../words/say.js';
import { invalid } from '../http/zod.pipe.js';
import { Attempts } from './attempts.js';
import type { LoginSessions } from './login-sessions.js';
import { forgetLinks, hashOfToken, newToken, noMailer, spentLink, type SendLinkMail } from './mailed-link.js';
import type { Passwords } from './passwords.js';
import type { SignedIn } from './signed-in.js';

/** What the change of an address needs. */
export interface EmailChangeOptions {
  readonly limits: Pick<Limits, 'resetMs' | 'resetsPerAccount' | 'loginAccounts' | 'formerEmailMs'>;
  /** Undefined: there is no mailer, and no address is changed. */
  readonly mail: SendLinkMail | undefined;
  /** Where the page is, without a slash at the end. */
  readonly page: string;
  readonly logError: (message: string, error: unknown) => void;
}

/**
 * Changes the e-mail address of an account, when its new mailbox has said so. Logins stay; what lives on them connects
 * anew, since an address is a part of what it is subscribed to.
 */
export class EmailChange {
  readonly #perUser: Attempts;
  readonly #perAddress: Attempts;

  constructor(
    private readonly store: Store,
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly sessions: LoginSessions,
    private readonly options: EmailChangeOptions,
  ) {
    const { resetsPerAccount: limit, loginAccounts: keys } = options.limits;
    const bounds = { windowMs: 60 * 60 * 1000, keys, limit };
    this.#perUser = new Attempts(bounds);
    this.#perAddress = new Attempts(bounds);
  }

  /**
   * Mails a link to the new address, and a word to the present one. It doesn't tell whether somebody else has the address, not by
   * the time it takes either: that is mailed there, and to nobody else.
   * @param email in lower case; the password was confirmed
   * @throws {Refusal} invalid_request: it is the present one; rate_limited, unavailable: no mail can be sent here
   */
  ask(user: SignedIn, email: string): void {
    const { mail, logError } = this.options;
    if (!mail) throw noMailer();
    if (email === user.name) throw invalid([{ path: 'email', message: 'is the address that you have' }]);
    const key = String(user.id);
    this.#perUser.check(key);
    this.#perUser.record(key);
    this.#mailLink(user, email, mail).catch((error: unknown) =>
      logError('A link for a new e-mail address could not be mailed', error),
    );
  }

  /** Uses up the link: from then on the account has the new address, everywhere. @throws {Refusal} auth_failed; email_taken: somebody else has got the address meanwhile */
  async confirm(token: string): Promise<void> {
    const [asked] = await rowsOf<{ user_id: number }>(
      this.store.read,
      'select user_id from email_change where token_hash = $1 and expires_at > $2',
      [hashOfToken(token), Date.now()],
    );
    if (!asked) throw spentLink();
    const userId = asked.user_id;
    let before = '';
    await this.sessions.rename(userId, async (tx) => {
      before = await this.#change(tx, userId, token);
    });
    // What was right for the old address must not open an account that gets it later.
    this.passwords.changed();
    this.users.readdressed(userId);
    this.#tell(before, userId, 'mail.emailChanged').catch((error: unknown) =>
      this.options.logError('Nobody could be told at their old address that it was changed', error),
    );
  }

  /** @returns the address that the person had */
  async #change(tx: Transaction, userId: number, token: string): Promise<string> {
    const [used] = await rowsOf<{ email: string }>(
      tx.manager,
      'delete from email_change where token_hash = $1 and expires_at > $2 returning email',
      [hashOfToken(token), Date.now()],
    );
    // Another use of it, or a newer request, was first.
    if (!used) throw spentLink();
    const before = await this.users.changeEmail(tx, userId, used.email, this.options.limits.formerEmailMs);
    // They lie in the old mailbox.
    await forgetLinks(tx, userId);
    return before;
  }

  async #mailLink(user: SignedIn, email: string, mail: SendLinkMail): Promise<void> {
    await this.#tell(user.name, user.id, 'mail.emailAsked');
    if (!this.#mayMail(email)) return;
    const { limits, page } = this.options;
    const token = newToken();
    await this.store.write(
      ({ manager }) =>
        rowsOf(
          manager,
          `insert into email_change (user_id, token_hash, email, expires_at) values ($1, $2, $3, $4)
           on conflict (user_id) do update
           set token_hash = excluded.token_hash, email = excluded.email, expires_at = excluded.expires_at`,
          [user.id, hashOfToken(token), email, Date.now() + limits.resetMs],
        ),
      ownerOf(user.id),
    );
    const language = (await this.users.languagesOf([user.id]))(user.id);
    const minutes = Math.round(limits.resetMs / 60_000);
    const text = (await this.users.isFree(email, user.id))
      ? say(language, 'mail.emailText', { minutes, url: `${page}/confirm-email#${token}` })
      : say(language, 'mail.emailTaken');
    await mail({ to: email, subject: say(language, 'mail.email'), text, language });
  }

  async #tell(to: string, userId: number, text: 'mail.emailAsked' | 'mail.emailChanged'): Promise<void> {
    const language = (await this.users.languagesOf([userId]))(userId);
    const url = `${this.options.page}/forgot`;
    const subject = say(language, 'mail.email');
    await this.options.mail?.({ to, subject, text: say(language, text, { url }), language });
  }

  #mayMail(email: string): boolean {
    try {
      this.#perAddress.check(email);
    } catch {
      // Said to nobody: who else asks for an address is theirs.
      return false;
    }
    this.#perAddress.record(email);
    return true;
  }
}
