import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { parseCookie } from 'cookie';
import type { Request, Response } from 'express';
import type { Role } from '../users/user.entity.js';
import { PUBLIC, ROLES, TICKETS, type GuardedRequest } from './access.js';
import { bearerToken } from './bearer.js';
import { LoginSessions } from './login-sessions.js';
import { Refusal } from '../errors.js';
import type { SignedIn } from './signed-in.js';
import { Tickets } from './tickets.js';
import { UserTurns } from './user-turns.js';

/** Runs before every route: finds the user of a request, and checks that the user's role may use the route. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: LoginSessions,
    private readonly tickets: Tickets,
    private readonly turns: UserTurns,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http' || this.#labelOf(context, PUBLIC) === true) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<GuardedRequest>();
    const response = http.getResponse<Response>();

    const user = await this.#identify(context, request, response);
    const roles = this.#labelOf(context, ROLES) as readonly Role[] | undefined;
    if (roles && !roles.includes(user.role))
      throw new Refusal('forbidden', `This is for the role ${roles.join(' or ')}.`);
    request.signedIn = user;
    // A stream stays; how many of those a user has is bounded elsewhere.
    if (this.#labelOf(context, TICKETS) !== true) await this.turns.take(user.id, response);
    return true;
  }

  async #identify(context: ExecutionContext, request: Request, response: Response): Promise<SignedIn> {
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.sessions.byToken(bearerToken(authorization));

    const ticket = request.query['ticket'];
    if (typeof ticket === 'string' && this.#labelOf(context, TICKETS) === true)
      return this.#redeem(ticket, request, response);
    throw new Refusal('auth_failed', 'Send a token: Authorization: Bearer <token>.');
  }

  async #redeem(ticket: string, request: Request, response: Response): Promise<SignedIn> {
    const name = `stream-${ticket.slice(0, 8)}`;
    const { sessionId, cookie } = await this.tickets.redeem(
      ticket,
      parseCookie(request.headers.cookie ?? '')[name],
    );
    const user = await this.sessions.bySession(sessionId);
    if (cookie !== undefined) {
      // Without Max-Age: it goes with the browser, and what it is good for ends with the session.
      response.cookie(name, cookie, {
        httpOnly: true,
        sameSite: 'strict',
        // None, so the stream's own folder as the browser sees it (RFC 6265, 5.1.4): a prefix is the proxy's to know.
        path: '',
        secure: request.secure,
      });
    }
    return user;
  }

  /** What a decorator of access.ts put on the method, or else on its controller. */
  #labelOf(context: ExecutionContext, label: symbol): unknown {
    return this.reflector.getAllAndOverride(label, [context.getHandler(), context.getClass()]);
  }
}
