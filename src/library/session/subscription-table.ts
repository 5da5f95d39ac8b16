import { Refusal } from '../errors.js';
import type { Limits } from '../limits.js';
import { Overlaps } from './overlaps.js';
import type { Share } from './share.js';
import type { UnsettledMessage } from './unsettled.js';
import {
  SessionSubscription,
  type SubscriptionOwner,
  type SubscriptionRequest,
  type Teller,
} from './subscription.js';

/** The subscriptions of one connection, by what its client calls them. */
export class SubscriptionTable {
  readonly #byKey = new Map<string, SessionSubscription>();
  readonly #byOrdinal = new Map<number, SessionSubscription>();
  /** There once there are more subscriptions than may show one address. */
  #overlaps: Overlaps | undefined;
  #opened = 0;

  constructor(
    private readonly reader: SubscriptionOwner,
    private readonly share: Share,
    private readonly limits: Pick<Limits, 'subscriptions' | 'subscriptionsPerAddress'>,
  ) {}

  /** @throws {Refusal} duplicate_subscription, subscription_limit */
  open(request: SubscriptionRequest, teller: Teller): SessionSubscription {
    const key = keyOf(request.id, request.destination);
    // STOMP 1.2, SUBSCRIBE: the id identifies the subscription uniquely within the connection.
    if (this.#byKey.has(key)) {
      throw new Refusal('duplicate_subscription', 'A subscription of that id is open; UNSUBSCRIBE it first.');
    }
    this.#checkRoom(request.address);
    this.#overlaps?.add(request.address);
    this.share.subscriptions++;
    const ordinal = this.#opened++;
    const subscription = new SessionSubscription(request, ordinal, this.reader, teller);
    this.#byKey.set(key, subscription);
    this.#byOrdinal.set(ordinal, subscription);
    return subscription;
  }

  /** @param id undefined in STOMP 1.0, where the destination may name it. @returns the one that was open */
  close(id: string | undefined, destination: string | undefined): SessionSubscription | undefined {
    const subscription = id === undefined ? this.#onDestination(destination) : this.#byKey.get(keyOf(id, ''));
    if (!subscription) return undefined;
    this.#byOrdinal.delete(subscription.ordinal);
    this.#byKey.delete(keyOf(subscription.request.id, subscription.request.destination));
    this.#overlaps?.delete(subscription.request.address);
    this.share.subscriptions--;
    subscription.close();
    // Its places are free for the others.
    this.capacityFreed();
    return subscription;
  }

  closeAll(): void {
    this.share.subscriptions -= this.#byOrdinal.size;
    this.#byOrdinal.forEach((subscription) => subscription.close());
    this.#byOrdinal.clear();
    this.#byKey.clear();
  }

  /** What all that are open asked for. */
  requests(): SubscriptionRequest[] {
    return [...this.#byOrdinal.values()].map(({ request }) => request);
  }

  get size(): number {
    return this.#byKey.size;
  }

  has(id: string): boolean {
    return this.#byKey.has(keyOf(id, ''));
  }

  /** Where answers go that come as subscription `name`, if there is such a place. */
  replyAddressOf(name: string): string | undefined {
    const request = this.#byKey.get(keyOf(name, ''))?.request;
    return request?.kind === 'reply-queue' ? request.address : undefined;
  }

  /** The open ones on an address. */
  on(address: string): SessionSubscription[] {
    return [...this.#byOrdinal.values()].filter((subscription) => subscription.request.address === address);
  }

  /** Messages that an ACK or NACK names: by `ack` in STOMP 1.2, by message-id (and subscription) before. */
  take(named: { ack: string } | { messageId: string; id: string | undefined }): Taken | undefined {
    if ('ack' in named) {
      const found = this.reader.ackNames.resolve(named.ack);
      if (!found) return undefined;
      const subscription = this.#byOrdinal.get(found.holder);
      const messages = subscription?.take(found.messageId);
      return subscription && messages && { subscription, messages };
    }
    for (const subscription of this.#byOrdinal.values()) {
      if (named.id !== undefined && subscription.request.id !== named.id) continue;
      const messages = subscription.take(named.messageId);
      if (messages) return { subscription, messages };
    }
    return undefined;
  }

  /** @throws {Refusal} subscription_limit */
  #checkRoom(address: string): void {
    const { subscriptions, subscriptionsPerAddress } = this.limits;
    const { subscriptionsPerUser } = this.share.limits;
    if (this.#byKey.size >= subscriptions)
      throw full(`At most ${subscriptions} subscriptions are open in one connection.`);
    if (this.share.subscriptions >= subscriptionsPerUser)
      throw full(`The connections of one user have at most ${subscriptionsPerUser} subscriptions open.`);
    if (this.#byKey.size < subscriptionsPerAddress) return;
    this.#overlaps ??= new Overlaps(this.requests().map((request) => request.address));
    if (this.#overlaps.mostWith(address) > subscriptionsPerAddress)
      throw full(`At most ${subscriptionsPerAddress} subscriptions of one connection show the same address.`);
  }

  #onDestination(destination: string | undefined): SessionSubscription | undefined {
    return [...this.#byOrdinal.values()].find(({ request }) => request.destination === destination);
  }

  /** Places of the connection's own limit became free. */
  capacityFreed(): void {
    this.#byOrdinal.forEach((subscription) => subscription.capacityFreed());
  }
}

/** A subscription that ended, with the messages of it that were not settled. */
export interface Taken {
  readonly subscription: SessionSubscription;
  readonly messages: readonly UnsettledMessage[];
}

function full(message: string): Refusal {
  return new Refusal('subscription_limit', message);
}

/** STOMP 1.0 allows subscriptions without id: then the destination names them. */
function keyOf(id: string | undefined, destination: string): string {
  return id === undefined ? `destination:${destination}` : `id:${id}`;
}
