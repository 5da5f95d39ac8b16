import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Limits } from '../limits.js';
import { networkOf } from '../../library/network.js';
import { Shares } from '../../library/shares.js';
import { hashPassword, verifyPassword } from '../users/password.js';
import type { Person, UsersService } from '../users/users.service.js';
import { Attempts } from './attempts.js';
import { hasLeft, inTurn } from './in-turn.js';
import { Refusal } from '../errors.js';

type PasswordLimits = Pick<
  Limits,
  | 'loginFailures'
  | 'loginWindowMs'
  | 'loginAccounts'
  | 'passwordCacheMs'
  | 'passwordChecks'
  | 'passwordChecksWaiting'
  | 'passwordChecksWaitingPerNetwork'
>;

/** That a password was right, or wrong. */
export interface CheckedPassword {
  /** A hash of the account and the network that it came from: all that is told of them. */
  readonly from: string;
  readonly isRight: boolean;
}

/** From where a password came. */
export interface Origin {
  readonly remoteAddress: string;
  /** Aborts when nobody waits for the answer any more. */
  readonly left?: AbortSignal | undefined;
}

/** Confirms passwords, slowly for those who guess. Networks take turns: none of them makes the others wait for long. */
export class Passwords {
  readonly #failures: Attempts;
  readonly #checks: Shares;
  readonly #hashes: Shares;
  /** Checks that wait or run, by network and keyed hash: no password stays in memory. */
  readonly #underWay = new Map<string, Check>();
  /** The keyed hashes of right passwords, with when they are forgotten; in that order. */
  readonly #right = new Map<string, number>();
  readonly #key = randomBytes(32);
  readonly #tellOfChange = new Set<() => void>();
  /** Numbers the changes: a check that began before one says nothing of what is right after it. */
  #changes = 0;
  readonly #tellOthers = new Set<(checked: CheckedPassword) => void>();

  constructor(
    private readonly users: UsersService,
    private readonly limits: PasswordLimits,
  ) {
    this.#failures = new Attempts({
      limit: limits.loginFailures,
      windowMs: limits.loginWindowMs,
      keys: limits.loginAccounts,
    });
    const bounds = {
      // Failures of one network are counted one after the other: a thousand guesses at once are no more than ten.
      placesPerKey: 1,
      waiting: limits.passwordChecksWaiting,
      waitingPerKey: limits.passwordChecksWaitingPerNetwork,
      workMs: 100,
    };
    this.#checks = new Shares({ ...bounds, places: limits.passwordChecks });
    this.#hashes = new Shares({ ...bounds, places: 1 });
  }

  /** Calls back with what was found of passwords here, where it counts: the other nodes count it too. */
  onChecked(listener: (checked: CheckedPassword) => void): void {
    this.#tellOthers.add(listener);
  }

  /** Calls back where a password was changed here: the other nodes forget right ones, too. */
  onChanged(listener: () => void): void {
    this.#tellOfChange.add(listener);
  }

  /** A password was changed: what was right may not be any more. */
  changed(): void {
    this.forget();
    for (const tell of this.#tellOfChange) tell();
  }

  /** As `changed`, where another node has told it. */
  forget(): void {
    this.#changes++;
    this.#right.clear();
  }

  /** Counts what another node has found. */
  checkedElsewhere(checked: CheckedPassword): void {
    this.#count(checked);
  }

  /**
   * Hashes a password of somebody new. All that register have one turn together among the networks that sign in.
   * @param begun is called when the turn has come; what it throws is thrown
   * @throws {Refusal} rate_limited
   */
  hash(password: string, { remoteAddress, left }: Origin, begun: () => void): Promise<string> {
    const turn = { shares: this.#checks, key: 'registrations', left };
    return inTurn({ shares: this.#hashes, key: networkOf(remoteAddress), left }, () =>
      inTurn(turn, async () => {
        begun();
        return hashPassword(password);
      }),
    );
  }

  /**
   * The account. Accounts that don't exist are treated alike, also in time.
   * @throws {Refusal} auth_failed, rate_limited
   */
  async confirm(email: string, password: string, { remoteAddress, left }: Origin): Promise<Person> {
    const account = email.toLowerCase();
    // Longer than any that can be registered, or nothing that PostgreSQL takes for text: not worth remembering.
    if (account.length > maxEmailLength || password.length > maxPasswordLength || account.includes('\0'))
      throw failed();
    const network = networkOf(remoteAddress);
    this.#failures.check(keyOf(account, network));

    if (!(await this.#isRight({ account, password, network }, left))) throw failed();
    const person = await this.users.findByEmail(account);
    if (!person) throw failed();
    return person;
  }

  async #isRight(guess: Guess, left: AbortSignal | undefined): Promise<boolean> {
    if (left?.aborted) throw hasLeft();
    const hash = createHmac('sha256', this.#key)
      .update(`${guess.account}\0${guess.password}`)
      .digest('base64');
    this.#forgetOld();
    if (this.#right.has(hash)) return true;

    const key = `${guess.network} ${hash}`;
    const check = this.#underWay.get(key) ?? this.#begin(guess, key, hash);
    return check.verdict(left);
  }

  /** A thousand connections that come back with the same password cost one check. */
  #begin(guess: Guess, key: string, hash: string): Check {
    const forget = (): void => void (this.#underWay.get(key) === check && this.#underWay.delete(key));
    const check = new Check(
      (left) =>
        inTurn({ shares: this.#checks, key: guess.network, left }, async () => {
          const changes = this.#changes;
          const isRight = await this.#check(guess);
          if (isRight && changes === this.#changes) this.#remember(hash);
          return isRight;
        }).finally(forget),
      forget,
    );
    this.#underWay.set(key, check);
    return check;
  }

  /** Only a password that was found wrong is a failure: not one that was never looked at, for whatever reason. */
  async #check({ account, password, network }: Guess): Promise<boolean> {
    const from = keyOf(account, network);
    // Again: others of the same network were before it.
    this.#failures.check(from);
    const isRight = await verifyPassword(password, await this.users.passwordHashOf(account));
    if (this.#count({ from, isRight })) for (const tell of this.#tellOthers) tell({ from, isRight });
    return isRight;
  }

  /** @returns whether that changed anything */
  #count({ from, isRight }: CheckedPassword): boolean {
    if (isRight) return this.#failures.forgive(from);
    this.#failures.record(from);
    return true;
  }

  #remember(hash: string): void {
    // Set anew, so that the map's order is the order in which they are forgotten.
    this.#right.delete(hash);
    this.#right.set(hash, performance.now() + this.limits.passwordCacheMs);
  }

  #forgetOld(): void {
    const now = performance.now();
    for (const [hash, until] of this.#right) {
      if (until > now) return;
      this.#right.delete(hash);
    }
  }
}

function keyOf(account: string, network: string): string {
  return createHash('sha256').update(`${account} ${network}`).digest('base64url');
}

interface Guess {
  readonly account: string;
  readonly password: string;
  readonly network: string;
}

/** One check, and those who wait for it; dropped when the last of them has left. */
class Check {
  readonly #abandoned = new AbortController();
  readonly #isRight: Promise<boolean>;
  #clients = 0;

  constructor(
    begin: (left: AbortSignal) => Promise<boolean>,
    private readonly forget: () => void,
  ) {
    this.#isRight = begin(this.#abandoned.signal);
  }

  async verdict(left: AbortSignal | undefined): Promise<boolean> {
    const leave = (): void => {
      if (--this.#clients > 0) return;
      this.forget();
      this.#abandoned.abort();
    };
    this.#clients++;
    left?.addEventListener('abort', leave, { once: true });
    try {
      return await this.#isRight;
    } finally {
      left?.removeEventListener('abort', leave);
    }
  }
}

/** RFC 5321, 4.5.3.1.3: a path of 256 octets, with its angle brackets. */
export const maxEmailLength = 254;
/** Characters of a password at most: hashing it takes time. */
export const maxPasswordLength = 200;

function failed(): Refusal {
  return new Refusal('auth_failed', 'The e-mail address or the password is wrong.');
}
