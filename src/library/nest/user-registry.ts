import { Injectable } from '@nestjs/common';
import type { ClosingCode } from '../errors.js';
import type { OpenSubscription } from '../session/ports.js';
import { SessionRegistry, type OpenConnection } from '../session/registry.js';

/** Somebody who is here. */
export interface ConnectedUser {
  readonly name: string;
  readonly sessions: readonly UserSession[];
}

export interface UserSession {
  readonly id: string;
  readonly user: string;
  /** Such as `websocket`, or `sse` for an event stream. */
  readonly transport: string;
  readonly subscriptions: readonly OpenSubscription[];
}

/** The users on this node, as Spring's SimpUserRegistry tells it. A view at this moment: sending to a user needs none. */
@Injectable()
export class UserRegistry {
  constructor(private readonly registry: SessionRegistry) {}

  users(): ConnectedUser[] {
    const names = new Set(this.sessions().map(({ user }) => user));
    return [...names].flatMap((name) => this.user(name) ?? []);
  }

  /** Undefined where nobody of that name is here. */
  user(name: string): ConnectedUser | undefined {
    const sessions = this.registry.connections(name).map(sessionOf);
    return sessions.length > 0 ? { name, sessions } : undefined;
  }

  sessions(): UserSession[] {
    return this.registry.connections().map(sessionOf);
  }

  /** Sessions with such a subscription, each with those subscriptions only. */
  findSubscriptions(
    matches: (subscription: OpenSubscription, session: UserSession) => boolean,
  ): UserSession[] {
    return this.sessions()
      .map((session) => ({
        ...session,
        subscriptions: session.subscriptions.filter((one) => matches(one, session)),
      }))
      .filter(({ subscriptions }) => subscriptions.length > 0);
  }

  /**
   * Ends a user's sessions, or one session: the client gets an ERROR with the code, and its close.
   * @returns how many there were
   */
  disconnect(who: { readonly user: string } | { readonly session: string }, code: ClosingCode): number {
    const leaving =
      'user' in who
        ? this.registry.connections(who.user)
        : this.registry.connections().filter(({ id }) => id === who.session);
    leaving.forEach((connection) => connection.terminate(code));
    return leaving.length;
  }
}

function sessionOf(connection: OpenConnection): UserSession {
  const { id, user, transport } = connection;
  return { id, user: user.name, transport, subscriptions: connection.openSubscriptions?.() ?? [] };
}
