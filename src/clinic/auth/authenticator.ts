import { Injectable } from '@nestjs/common';
import type { Authenticator, Credentials } from '../../library/session/ports.js';
import { bearerToken } from './bearer.js';
import { LoginSessions } from './login-sessions.js';
import { Passwords } from './passwords.js';
import { Refusal } from '../errors.js';
import type { SignedIn } from './signed-in.js';
import { Tickets } from './tickets.js';

/**
 * Authenticates a CONNECT, or another conversation's beginning: by the token of a login or by a ticket of it; or by e-mail
 * address and password, which is a login of its own.
 */
@Injectable()
export class CarillonAuthenticator implements Authenticator {
  constructor(
    private readonly sessions: LoginSessions,
    private readonly passwords: Passwords,
    private readonly tickets: Tickets,
  ) {}

  async authenticate(credentials: Credentials): Promise<SignedIn> {
    const { authorization, login, passcode, ticket } = credentials;
    if (ticket !== undefined)
      return this.sessions.bySession((await this.tickets.redeem(ticket, undefined)).sessionId);
    if (authorization !== undefined) return this.sessions.byToken(bearerToken(authorization));
    if (login === undefined || passcode === undefined)
      throw new Refusal('auth_failed', 'CONNECT needs Authorization: Bearer <token>, or login and passcode.');
    return this.sessions.open(await this.passwords.confirm(login, passcode, credentials));
  }
}
