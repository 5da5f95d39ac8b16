import { userAddress } from '../../library/broker/address.js';
import type { Ending, User } from '../../library/session/ports.js';
import type { Role } from '../users/user.entity.js';

/** The user that the guard puts on a request, and that is a session's principal. */
export class SignedIn implements User {
  readonly id: number;
  /** The e-mail address, as in `/user/{name}/…`; the person's name is `Person#name`. */
  readonly name: string;
  readonly role: Role;
  readonly sessionId: string;
  readonly expiresAt: number;
  readonly #ended: () => Ending;

  /** @param ended asked for only by what outlives a request */
  constructor(
    user: { readonly id: number; readonly email: string; readonly role: Role },
    session: { readonly id: string; readonly expiresAt: Date },
    ended: () => Ending,
  ) {
    this.id = user.id;
    this.name = user.email;
    this.role = user.role;
    this.sessionId = session.id;
    this.expiresAt = session.expiresAt.getTime();
    this.#ended = ended;
  }

  get roles(): readonly Role[] {
    return [this.role];
  }

  get ended(): Ending {
    return this.#ended();
  }

  /** Where the user's own messages go. @param destination below `/user`, such as `/queue/notifications` */
  addressOf(destination: string): string {
    return userAddress(this.name, destination);
  }
}
