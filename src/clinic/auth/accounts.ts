import type { Limits } from '../limits.js';
import { networkOf } from '../../library/network.js';
import type { Store } from '../../library/store/store.js';
import type { Person, UsersService } from '../users/users.service.js';
import { Attempts } from './attempts.js';
import type { Origin, Passwords } from './passwords.js';
import type { Registration } from './schemas.js';

/** Patients who make an account for themselves. */
export class Accounts {
  readonly #attempts: Attempts;

  constructor(
    private readonly store: Store,
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    limits: Pick<Limits, 'registrationsPerHour' | 'loginAccounts'>,
  ) {
    this.#attempts = new Attempts({
      limit: limits.registrationsPerHour,
      windowMs: 60 * 60 * 1000,
      keys: limits.loginAccounts,
    });
  }

  /** @throws {Refusal} email_taken @throws {Refusal} rate_limited */
  async register({ email, password, name }: Registration, origin: Origin): Promise<Person> {
    const network = networkOf(origin.remoteAddress);
    this.#attempts.check(network);
    const passwordHash = await this.passwords.hash(password, origin, () => {
      // Again: others of the same network were before it.
      this.#attempts.check(network);
      this.#attempts.record(network);
    });
    return this.store.write((tx) =>
      this.users.create(tx, { email, name, role: 'patient', specialty: null, passwordHash }),
    );
  }
}
