import { Injectable, Logger } from '@nestjs/common';
import { Observable } from 'rxjs';
import type { ClientSession, OpenSubscription, SessionObserver, User } from '../session/ports.js';

/** What happens to the STOMP sessions of this node. */
export type SessionEvent =
  /** A CONNECT came; who it is from isn't known yet. */
  | {
      readonly type: 'connect';
      readonly id: string;
      readonly transport: string;
      readonly remoteAddress: string;
    }
  | { readonly type: 'connected'; readonly id: string; readonly user: User; readonly transport: string }
  /** It ended before it was connected: a CONNECT that was refused, or none. */
  | {
      readonly type: 'refused';
      readonly id: string;
      readonly transport: string;
      readonly reason: string;
    }
  /** It is registered: what is published from now on is seen. */
  | ({ readonly type: 'subscribed' } & OfSubscription)
  /** By UNSUBSCRIBE; what a session leaves open ends with it. */
  | ({ readonly type: 'unsubscribed' } & OfSubscription)
  /** Once for each that was connected, however it ended. The reason is a code, or `closed`. */
  | {
      readonly type: 'disconnected';
      readonly id: string;
      readonly user: User;
      readonly reason: string;
    };

interface OfSubscription {
  readonly session: ClientSession;
  readonly subscription: OpenSubscription;
}

type Listener = (event: SessionEvent) => void;

/** Spring's session events. ToldFailure as they happen, in the same turn; a listener that throws is logged and harms nobody. */
@Injectable()
export class SessionEvents {
  readonly #logger = new Logger(SessionEvents.name);
  readonly #listeners = new Set<Listener>();

  /** @returns what to call to hear no more */
  on<T extends SessionEvent['type']>(
    type: T,
    listener: (event: Extract<SessionEvent, { readonly type: T }>) => void,
  ): () => void {
    const own: Listener = (event) => {
      if (isOf(event, type)) listener(event);
    };
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** All of them. */
  readonly all = new Observable<SessionEvent>((reader) => {
    const listener: Listener = (event) => reader.next(event);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  });

  /** For the sessions. */
  readonly observer: SessionObserver = {
    connecting: (session) => this.#tell({ type: 'connect', ...session }),
    connected: (session) => this.#tell({ type: 'connected', ...session }),
    subscribed: (session, subscription) => this.#tell({ type: 'subscribed', session, subscription }),
    unsubscribed: (session, subscription) => this.#tell({ type: 'unsubscribed', session, subscription }),
    refused: (session) => this.#tell({ type: 'refused', ...session }),
    disconnected: (session) => this.#tell({ type: 'disconnected', ...session }),
  };

  #tell(event: SessionEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#logger.error(`a listener to ${event.type} failed`, error);
      }
    }
  }
}

function isOf<T extends SessionEvent['type']>(
  event: SessionEvent,
  type: T,
): event is Extract<SessionEvent, { readonly type: T }> {
  return event.type === type;
}
