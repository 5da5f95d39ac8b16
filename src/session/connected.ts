import type { Broker } from '../broker/broker.js';
import type { Clock } from '../broker/clock.js';
import type { Limits } from '../limits.js';
import type { Version } from '../stomp/version.js';
import type { Client } from './client.js';
import type { Interceptors } from './interceptors.js';
import type { MessageFrames } from './message-frames.js';
import type { Application, Authenticator, Authorizer, SessionObserver, User, Wire } from './ports.js';
import type { SessionRegistry } from './registry.js';
import type { SubscriptionTable } from './subscription-table.js';
import type { Transactions } from './transactions.js';

/** What all sessions of a node share. */
export interface SessionServices {
  readonly broker: Broker;
  readonly application: Application;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly registry: SessionRegistry;
  readonly frames: MessageFrames;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly observer: SessionObserver;
  readonly interceptors?: Interceptors;
  /** CONNECTED's `server`: `name["/" version]` (STOMP 1.2, CONNECTED). */
  readonly server: string;
}

/** A conversation after CONNECTED: what the commands work on. */
export interface Connected {
  readonly id: string;
  readonly user: User;
  readonly client: Client;
  readonly version: Version;
  readonly wire: Wire;
  readonly services: SessionServices;
  readonly subscriptions: SubscriptionTable;
  readonly transactions: Transactions;
  /** Something failed that no frame waits for: ERROR, then the close. */
  readonly fail: (error: unknown) => void;
}

/** What a method's failure came to: it was told on `/user/queue/errors`, so no RECEIPT follows. */
export type Told = 'told';

/**
 * What is left of a frame's work after its command returned; nothing where it was done at once.
 * Failing promises are the session's to answer.
 */
export interface Work {
  /** The next frame waits for this, and so does the RECEIPT. */
  readonly turn?: Promise<void | Told>;
  /** Only the RECEIPT waits for this: the store works while the next frames are taken. */
  readonly done?: Promise<void>;
  /** Held in a transaction: its RECEIPT comes with COMMIT. */
  readonly isHeld?: true;
  /** Nothing is accepted after this frame, and the session closes once it is answered. */
  readonly isLast?: true;
  /** To be done once the frame is answered: what has to come after its RECEIPT. */
  readonly afterwards?: () => void;
  /** RECEIPTs of frames that were held, to be answered before this frame's own. */
  readonly releases?: readonly string[];
}
