import type { Broker } from '../broker/broker.js';
import type { Clock } from '../broker/clock.js';
import type { Message } from '../broker/message.js';
import type { Following, Since, Subscriber } from '../broker/subscriber.js';
import type { ClosingCode } from '../errors.js';
import type { Limits } from '../limits.js';
import { AckNames } from './ack-names.js';
import type { Client } from './client.js';
import { watchLogin } from './expiry.js';
import type { OpenSubscription, SessionObserver, User } from './ports.js';
import type { OpenConnection, SessionRegistry } from './registry.js';
import { acknowledge, settlementsOf, type Settling } from './settlement.js';
import type { Share } from './share.js';
import type { SubscriptionOwner, SessionSubscription, SubscriptionRequest, Teller } from './subscription.js';
import { SubscriptionTable } from './subscription-table.js';

/** What all conversations of a node share. */
export interface ConversationServices {
  readonly broker: Broker;
  readonly registry: SessionRegistry;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly observer: SessionObserver;
}

/** What ends a conversation, in whatever language it is held. */
export interface Ender {
  /** Something failed that no request waits for: says so, and closes. */
  fail(error: unknown): void;
  /** Says why the conversation ends, and closes. */
  terminate(code: ClosingCode): void;
}

/** What a conversation is made of. */
export interface ConversationParts {
  readonly client: Client;
  readonly services: ConversationServices;
  /** Whether more may be written to the connection now. */
  readonly wire: Pick<Subscriber, 'hasCapacity' | 'onCapacity'>;
  readonly ender: Ender;
}

/** A subscription whose client is to be told later that it is subscribed. */
export interface Opening {
  /** Resolves when the next publish will be seen; of a log with the cursor from which on. */
  readonly opened: Promise<string | undefined>;
  /** Whether messages come already: of an address without a log, where only other nodes are waited for. */
  readonly hasStarted: boolean;
  /** Of a log: the verdict, then what was missed, then live. */
  start(): void;
}

/**
 * One signed-in client, in no language yet: it is registered, ends with its login, and has subscriptions, of which some
 * messages are unsettled. STOMP's session stands on it (`Connected`). Its owner calls `begin` once, and `dispose` when
 * the connection is over. Of a class with methods, and with no table before there is something in it, since most of ten
 * thousand of them do nothing at all.
 */
export class Conversation implements SubscriptionOwner, OpenConnection {
  readonly client: Client;
  readonly subscriptions: SubscriptionTable;
  readonly share: Share;
  readonly #node: ConversationServices;
  readonly #wire: ConversationParts['wire'];
  readonly #ender: Ender;
  #ackNames: AckNames | undefined;
  #unwatch: (() => void) | undefined;
  #unsettled = 0;
  /** Of messages of queues: others are kept by their log, or by nobody. */
  #unsettledBytes = 0;
  #isAwaitingShare = false;

  /** @throws {Refusal} connection_limit, server_drain */
  constructor({ client, services, wire, ender }: ConversationParts) {
    this.client = client;
    this.#node = services;
    this.#wire = wire;
    this.#ender = ender;
    this.share = services.registry.shareOf(client.user.name);
    this.subscriptions = new SubscriptionTable(this, this.share, services.limits);
    services.registry.add(this);
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

  /** From now on its login can end it; its client was told that it is here. */
  begin(): void {
    const { id, user, transport } = this;
    this.#node.observer.connected?.({ id, user, transport });
    const { clock, limits } = this.#node;
    const { clockStepMs } = limits;
    this.#unwatch = watchLogin(user, { clock, clockStepMs }, (code) => this.terminate(code));
    // It tells nobody any more, and the end is told after the beginning.
    if (user.ended?.aborted) this.terminate('auth_revoked');
  }

  /**
   * @returns undefined where it has started, and the next publish will be seen; of a log, the caller starts it
   * @throws {Refusal} duplicate_subscription, subscription_limit, invalid_header, room_full
   */
  subscribe(request: SubscriptionRequest, teller: Teller, since?: Since): Opening | undefined {
    const subscription = this.subscriptions.open(request, teller);
    const following = this.#followed(request, since);
    subscription.register(following);
    if (following.opened) {
      const opened = following.opened.then((position) => {
        this.tellSubscribed(subscription);
        return position;
      });
      return { opened, hasStarted: false, start: () => following.start(subscription) };
    }
    following.start(subscription);
    this.tellSubscribed(subscription);
    const { ready } = following;
    return ready && { opened: ready.then(() => undefined), hasStarted: true, start: () => {} };
  }

  #followed(request: SubscriptionRequest, since: Since | undefined): Following {
    try {
      return this.#node.broker.open(request.address, since);
    } catch (error) {
      this.subscriptions.close(request.id, request.destination);
      throw error;
    }
  }

  tellSubscribed(subscription: SessionSubscription): void {
    if (!subscription.isClosed) this.#node.observer.subscribed?.(this.client, subscription.request);
  }

  /**
   * Queues forget what is acknowledged, logs note it; topics keep nothing, so there is nothing to settle in them.
   * @returns resolves when that is stored; undefined where nothing is
   */
  settle(settling: Settling): Promise<void> | undefined {
    const { broker } = this.#node;
    const settlements = settlementsOf(settling);
    settling.taken.subscription.settled(settling.taken.messages);
    const done =
      settlements.length > 0 ? broker.queues.commit([], settlements) : acknowledge(broker, settling);
    this.subscriptions.capacityFreed();
    return done;
  }

  /** In the mode `auto` a queue's message is settled by its delivery; where that fails it comes again, elsewhere. */
  settleDelivered(message: Message, consumer: Subscriber): void {
    this.#node.broker.queues
      .commit([], [{ message, outcome: 'ack', consumer }])
      .catch((error: unknown) => this.fail(error));
  }

  fail(error: unknown): void {
    this.#ender.fail(error);
  }

  terminate(code: ClosingCode): void {
    this.#ender.terminate(code);
  }

  /** The connection is over: what is unsettled goes back, and what it held of its user's share. */
  dispose(reason: string): void {
    const { id, user } = this;
    this.#unwatch?.();
    this.#node.registry.delete(this);
    this.subscriptions.closeAll();
    this.client.leave();
    this.#node.observer.disconnected?.({ id, user, reason });
  }

  openSubscriptions(): readonly OpenSubscription[] {
    return this.subscriptions.requests();
  }

  get ackNames(): AckNames {
    this.#ackNames ??= new AckNames();
    return this.#ackNames;
  }

  hasCapacity(): boolean {
    return this.#wire.hasCapacity();
  }

  onCapacity(callback: () => void): void {
    this.#wire.onCapacity(callback);
  }

  hasUnsettledPlace(): boolean {
    const { unsettled, unsettledBytes } = this.#node.limits;
    if (this.#unsettled >= unsettled || this.#unsettledBytes >= unsettledBytes) return false;
    if (this.#unsettledBytes === 0 || !this.share.unsettled.isOver(this.#unsettledBytes)) return true;
    this.#awaitShare();
    return false;
  }

  /** Topics are pushed and can't wait: a client that lets them pile up unsettled is slow. */
  addUnsettled(change: number): void {
    this.#unsettled += change;
    if (this.#unsettled > this.#node.limits.unsettled) this.terminate('slow_consumer');
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
}
