import { Injectable } from '@nestjs/common';
import type { NodeMessages } from '../broker/node-messages.js';
import { isClosingCode, type ClosingCode } from '../errors.js';
import { BrokerNode } from '../session/broker-node.js';
import type { OpenSubscription } from '../session/ports.js';
import { SessionRegistry, type OpenConnection } from '../session/registry.js';

/** Somebody who is here. */
export interface ConnectedUser {
  readonly name: string;
  readonly sessions: readonly UserSession[];
}

/** One connection of a user, as an application may see it. */
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
  readonly #nodeMessages: NodeMessages;

  constructor(
    private readonly registry: SessionRegistry,
    { nodeMessages }: BrokerNode,
  ) {
    this.#nodeMessages = nodeMessages;
    nodeMessages.listen(DISCONNECT, (content) => {
      if (isDisconnection(content)) this.#disconnect(content);
    });
  }

  users(): ConnectedUser[] {
    return this.names().flatMap((name) => this.user(name) ?? []);
  }

  /** Of those who are here. */
  names(): string[] {
    return this.registry.names();
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
   * Ends a user's sessions, or one session, on this node and all others: the client gets an ERROR with the code, and its
   * close. Other nodes are told once; where that is lost, their sessions go on.
   * @returns how many there were on this node
   */
  disconnect(who: { readonly user: string } | { readonly session: string }, code: ClosingCode): number {
    this.#nodeMessages.tell(DISCONNECT, { ...who, code });
    return this.#disconnect({ ...who, code });
  }

  #disconnect({ code, ...who }: Disconnection): number {
    const leaving =
      'user' in who
        ? this.registry.connections(who.user)
        : this.registry.connections().filter(({ id }) => id === who.session);
    leaving.forEach((connection) => connection.terminate(code));
    return leaving.length;
  }
}

/** What nodes tell each other of it. */
const DISCONNECT = 'users.disconnect';

type Disconnection = ({ readonly user: string } | { readonly session: string }) & {
  readonly code: ClosingCode;
};

function isDisconnection(content: unknown): content is Disconnection {
  if (typeof content !== 'object' || content === null) return false;
  const { user, session, code } = content as Readonly<Record<string, unknown>>;
  const who = user ?? session;
  return typeof who === 'string' && typeof code === 'string' && isClosingCode(code);
}

function sessionOf(connection: OpenConnection): UserSession {
  const { id, user, transport } = connection;
  return { id, user: user.name, transport, subscriptions: connection.openSubscriptions?.() ?? [] };
}
