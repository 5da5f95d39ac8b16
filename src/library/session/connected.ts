import type { Broker } from '../broker/broker.js';
import type { Clock } from '../broker/clock.js';
import type { Limits } from '../limits.js';
import type { Message } from '../broker/message.js';
import type { Subscriber } from '../broker/subscriber.js';
import type { ClosingCode } from '../errors.js';
import type { Version } from '../stomp/version.js';
import { AckNames } from './ack-names.js';
import type { Client } from './client.js';
import type { Interceptors } from './interceptors.js';
import type { MessageFrames } from './message-frames.js';
import type { Application, Authenticator, Authorizer, SessionObserver, User, Wire } from './ports.js';
import type { OpenConnection, SessionRegistry } from './registry.js';
import type { Share } from './share.js';
import type { Reader, SubscriptionRequest } from './subscription.js';
import { SubscriptionTable } from './subscription-table.js';
import { Transactions } from './transactions.js';

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

/** What a session does for its client and what runs for him. */
export interface Voice {
  /** Sends an encoded frame, unless the session is over. */
  write(frame: Uint8Array): void;
  /** Something failed that no frame waits for: ERROR, then the close. */
  fail(error: unknown): void;
  /** ERROR for a reason that isn't a frame's, then the close. */
  end(code: ClosingCode): void;
}

/**
 * A conversation after CONNECTED: what the commands work on, and what its subscriptions read through. Of a class with
 * methods, and with no table before there is something in it, since most of ten thousand of them do nothing at all.
 */
export class Connected implements Reader, OpenConnection {
  readonly subscriptions: SubscriptionTable;
  readonly share: Share;
  #transactions: Transactions | undefined;
  #ackNames: AckNames | undefined;
  #unsettled = 0;
  /** Of messages of queues: others are kept by their log, or by nobody. */
  #unsettledBytes = 0;
  #isAwaitingShare = false;

  constructor(
    readonly client: Client,
    readonly version: Version,
    readonly wire: Wire,
    readonly services: SessionServices,
    private readonly voice: Voice,
  ) {
    this.share = services.registry.shareOf(client.user.name);
    this.subscriptions = new SubscriptionTable(this, this.share, services.limits);
  }

  get id(): string {
    return this.client.id;
  }

  get user(): User {
    return this.client.user;
  }

  get transport(): string {
    return this.client.transport;
  }

  get frames(): MessageFrames {
    return this.services.frames;
  }

  get transactions(): Transactions {
    this.#transactions ??= new Transactions(this.services.limits.transactionBytes, this.share);
    return this.#transactions;
  }

  get ackNames(): AckNames {
    this.#ackNames ??= new AckNames();
    return this.#ackNames;
  }

  /** The connection is over: gives back what it holds of its user's share. */
  release(): void {
    this.#transactions?.close();
  }

  openSubscriptions(): SubscriptionRequest[] {
    return this.subscriptions.requests();
  }

  write(frame: Uint8Array): void {
    this.voice.write(frame);
  }

  fail(error: unknown): void {
    this.voice.fail(error);
  }

  end(code: ClosingCode): void {
    this.voice.end(code);
  }

  show(message: Message): Message | undefined {
    try {
      return this.services.interceptors?.outbound(message, this.client) ?? message;
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  hasUnsettledPlace(): boolean {
    const { unsettled, unsettledBytes } = this.services.limits;
    if (this.#unsettled >= unsettled || this.#unsettledBytes >= unsettledBytes) return false;
    if (this.#unsettledBytes === 0 || !this.share.unsettled.isOver(this.#unsettledBytes)) return true;
    this.#awaitShare();
    return false;
  }

  /** Topics are pushed and can't wait: whoever lets them pile up unsettled is slow. */
  addUnsettled(change: number): void {
    this.#unsettled += change;
    if (this.#unsettled > this.services.limits.unsettled) this.end('slow_consumer');
  }

  addUnsettledBytes(change: number): void {
    this.#unsettledBytes += change;
    this.share.unsettled.add(change);
  }

  /** Other connections of this user may free what this one waits for. */
  #awaitShare(): void {
    if (this.#isAwaitingShare) return;
    this.#isAwaitingShare = true;
    this.share.unsettled.onCapacity(() => {
      this.#isAwaitingShare = false;
      this.subscriptions.capacityFreed();
    });
  }

  /** In the mode `auto` a queue's message is settled by its delivery; where that fails it comes again, elsewhere. */
  settle(message: Message, consumer: Subscriber): void {
    this.services.broker.queues
      .commit([], [{ message, verdict: 'ack', consumer }])
      .catch((error: unknown) => this.fail(error));
  }
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
  /** Nothing is accepted after this frame, and the session closes once it is answered. */
  readonly isLast?: true;
  /** To be done once the frame is answered: what has to come after its RECEIPT. */
  readonly afterwards?: () => void;
}
