import type { Limits } from '../limits.js';
import { networkOf } from '../network.js';
import type { Store } from '../store/store.js';
import type { Person, UsersService } from '../users/users.service.js';
import { Attempts } from './attempts.js';
import type { Passwords } from './passwords.js';
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

  /** @throws {HttpError} email_taken @throws {Refusal} rate_limited */
  async register({ email, password, name }: Registration, remoteAddress: string): Promise<Person> {
    this.#attempts.take(networkOf(remoteAddress));
    const passwordHash = await this.passwords.hash(password);
    return this.store.write((tx) =>
      this.users.create(tx, { email, name, role: 'patient', specialty: null, passwordHash }),
    );
  }
}
