import { createHmac, randomBytes } from 'node:crypto';
import type { Limits } from '../limits.js';
import { networkOf } from '../network.js';
import { hashPassword, verifyPassword } from '../users/password.js';
import type { Person, UsersService } from '../users/users.service.js';
import { Attempts } from './attempts.js';
import { Lane } from './lane.js';
import { Refusal } from './refusal.js';

type PasswordLimits = Pick<
  Limits,
  | 'loginFailures'
  | 'loginWindowMs'
  | 'loginAccounts'
  | 'passwordCacheMs'
  | 'passwordChecks'
  | 'passwordChecksWaiting'
>;

/** Confirms passwords, slowly for those who guess. */
export class Passwords {
  readonly #attempts: Attempts;
  readonly #lane: Lane;
  /** Right passwords of the last minute and checks under way, by a keyed hash: no password stays in memory. */
  readonly #checks = new Map<string, { readonly isRight: Promise<boolean>; until: number }>();
  readonly #key = randomBytes(32);

  constructor(
    private readonly users: UsersService,
    private readonly limits: PasswordLimits,
  ) {
    this.#attempts = new Attempts({
      limit: limits.loginFailures,
      windowMs: limits.loginWindowMs,
      keys: limits.loginAccounts,
    });
    this.#lane = new Lane(limits.passwordChecks, limits.passwordChecksWaiting);
  }

  hash(password: string): Promise<string> {
    return this.#lane.run(() => hashPassword(password));
  }

  /**
   * Whose account it is. Accounts that don't exist are treated alike, also in time.
   * @throws {Refusal} auth_failed, rate_limited
   */
  async confirm(email: string, password: string, remoteAddress: string): Promise<Person> {
    const account = email.toLowerCase();
    // Longer than any that can be registered: not worth remembering.
    if (account.length > maxEmailLength || password.length > maxPasswordLength) throw failed();
    const from = `${account} ${networkOf(remoteAddress)}`;
    this.#attempts.check(from);

    if (!(await this.#isRight(account, password, from))) throw failed();
    const person = await this.users.findByEmail(account);
    if (!person) throw failed();
    return person;
  }

  /** A thousand connections that come back with the same password cost one check. */
  #isRight(account: string, password: string, from: string): Promise<boolean> {
    this.#forgetOld();
    const key = createHmac('sha256', this.#key).update(`${account}\0${password}`).digest('base64');
    const known = this.#checks.get(key);
    if (known) return known.isRight;

    // Counted before it is checked, else a thousand guesses at once would all be free.
    this.#attempts.take(from);
    const isRight = this.#check(account, password);
    this.#checks.set(key, { isRight, until: Infinity });
    void isRight.then(
      (right) => {
        if (!right) return this.#checks.delete(key);
        this.#attempts.forgive(from);
        // Set anew, so that the map's order is the order in which they are forgotten.
        this.#checks.delete(key);
        return this.#checks.set(key, { isRight, until: Date.now() + this.limits.passwordCacheMs });
      },
      () => this.#checks.delete(key),
    );
    return isRight;
  }

  async #check(account: string, password: string): Promise<boolean> {
    const hash = await this.users.passwordHashOf(account);
    return this.#lane.run(() => verifyPassword(password, hash));
  }

  #forgetOld(): void {
    const now = Date.now();
    for (const [key, { until }] of this.#checks) if (until <= now) this.#checks.delete(key);
  }
}

/** RFC 5321, 4.5.3.1.3: a path of 256 octets, with its angle brackets. */
export const maxEmailLength = 254;
export const maxPasswordLength = 200;

function failed(): Refusal {
  return new Refusal('auth_failed', 'The e-mail address or the password is wrong.');
}
