import type { AddressKind } from '../broker/address.js';
import { weightOf, type Message } from '../broker/message.js';
import type { Owner, Subscriber, Subscription } from '../broker/subscriber.js';
import type { AckNames } from './ack-names.js';
import { kept, Unsettled, type UnsettledMessage } from './unsettled.js';

/** The values of the header `ack` (STOMP 1.2, SUBSCRIBE ack Header). */
export const ackModes = ['auto', 'client', 'client-individual'] as const;
/** How the messages of a subscription are acknowledged. */
export type AckMode = (typeof ackModes)[number];

/** What a SUBSCRIBE asks for, after its headers were understood. */
export interface SubscriptionRequest {
  /** Of its address. */
  readonly kind: AddressKind;
  /** What the client calls it; STOMP 1.0 allows none. */
  readonly id: string | undefined;
  readonly destination: string;
  /** What `destination` resolved to. */
  readonly address: string;
  readonly mode: AckMode;
  /** Unsettled messages at most; queues and logs wait, topics don't ask. */
  readonly prefetch: number;
  /** Whether its client asked to be told when messages may be lost. */
  readonly hearsGaps?: boolean;
}

/** Tells a client what comes on one subscription, in its language. */
export interface Teller {
  /** What the client is to see in place of a message; undefined: its conversation has failed over it. */
  show(message: Message): Message | undefined;
  /** @param ack what the client settles it by, in the modes in which it does */
  tell(message: Message, ack: string | undefined): void;
  /** The server has ended the subscription, which said so in its last message. */
  ended?(): void;
}

/** What a subscription needs of the conversation that it belongs to. */
export interface SubscriptionOwner extends Owner {
  /** For all subscriptions of the connection. */
  readonly ackNames: AckNames;
  /** Settles a message that its client doesn't. */
  settleDelivered(message: Message, consumer: Subscriber): void;
  /** Of the connection. */
  hasCapacity(): boolean;
  onCapacity(callback: () => void): void;
  /** Takes one place of the connection's LIMIT_UNSETTLED; what is pushed regardless may be over it. */
  addUnsettled(change: number): void;
  hasUnsettledPlace(): boolean;
  /** The same for bytes of messages that their queue keeps in memory. */
  addUnsettledBytes(change: number): void;
}

/** A client's subscription: has told what the broker delivers, and remembers what its client has yet to settle. */
export class SessionSubscription implements Subscriber {
  readonly hearsGaps: boolean;
  /** None in the mode `auto`. */
  readonly #unsettled: Unsettled | undefined;
  /** How many of them count as unsettled. */
  #places = 0;
  /** Bytes of them, where their queue keeps them in memory. */
  #bytes = 0;
  readonly sessionId: string;
  readonly #isOfQueue: boolean;
  #registration: Subscription | undefined;
  #waiting: (() => void) | undefined;
  #isAwaitingWire = false;
  #isClosed = false;

  /** @param ordinal unique in this connection, so that `ack` ids are */
  constructor(
    readonly request: SubscriptionRequest,
    readonly ordinal: number,
    private readonly reader: SubscriptionOwner,
    private readonly teller: Teller,
  ) {
    this.sessionId = reader.id;
    this.hearsGaps = request.hearsGaps ?? false;
    this.#unsettled = request.mode === 'auto' ? undefined : new Unsettled(request.mode === 'client');
    this.#isOfQueue = request.kind === 'queue';
  }

  /** Receives from now on. */
  register(registration: Subscription): void {
    this.#registration = registration;
  }

  deliver(message: Message): void {
    if (this.#isClosed) return;
    const { reader, teller } = this;
    const shown = teller.show(message);
    if (!shown) return;
    if (!this.#unsettled) {
      teller.tell(shown, undefined);
      // STOMP 1.2, SUBSCRIBE, ack auto: received as soon as it is sent.
      if (this.#isOfQueue) reader.settleDelivered(message, this);
    } else {
      const bytes = this.#isOfQueue ? weightOf(message) : 0;
      this.#unsettled.add(kept(message, bytes));
      this.#occupy(message.isControl ? 0 : 1, bytes);
      const ack = reader.ackNames.give(message.id, this.ordinal);
      teller.tell(shown, ack);
    }
  }

  hasCapacity(): boolean {
    return (
      this.#places < this.request.prefetch && this.reader.hasUnsettledPlace() && this.reader.hasCapacity()
    );
  }

  onCapacity(callback: () => void): void {
    this.#waiting = callback;
    this.#awaitWire();
  }

  /** Something was settled somewhere in this connection, or the wire has drained. */
  capacityFreed(): void {
    if (!this.#waiting || this.#isClosed) return;
    if (!this.hasCapacity()) return this.#awaitWire();
    const callback = this.#waiting;
    this.#waiting = undefined;
    callback();
  }

  /**
   * The messages that an ACK or NACK of this one names, oldest first. They can't be named again, and keep their places
   * until they are `settled` or `putBack`.
   * @returns undefined if there is no such message, or it was named already
   */
  take(messageId: string): UnsettledMessage[] | undefined {
    return this.#unsettled?.take(messageId);
  }

  /** Messages that were taken free their places. */
  settled(messages: readonly UnsettledMessage[]): void {
    if (this.#isClosed) return;
    this.#unsettled?.settled(messages);
    this.#freeNames(messages);
    const bytes = messages.reduce((sum, message) => sum + message.bytes, 0);
    this.#occupy(-messages.filter(({ isControl }) => !isControl).length, -bytes);
  }

  /** ABORT: messages that were taken may be named again. */
  putBack(messages: readonly UnsettledMessage[]): void {
    this.#unsettled?.putBack(messages);
  }

  get owner(): Owner {
    return this.reader;
  }

  ended(): void {
    this.teller.ended?.();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** What is unsettled goes back to its queue. Nothing is delivered after this (STOMP 1.2, UNSUBSCRIBE). */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#occupy(-this.#places, -this.#bytes);
    this.#freeNames(this.#unsettled?.clear() ?? []);
    this.#registration?.close();
  }

  #freeNames(messages: readonly UnsettledMessage[]): void {
    messages.forEach(({ id }) => this.reader.ackNames.free(id, this.ordinal));
  }

  #occupy(places: number, bytes: number): void {
    this.#places += places;
    if (bytes !== 0) {
      this.#bytes += bytes;
      this.reader.addUnsettledBytes(bytes);
    }
    this.reader.addUnsettled(places);
  }

  /** One callback at a time: a client that settles much while the wire is full must not pile them up. */
  #awaitWire(): void {
    if (this.#isAwaitingWire || this.reader.hasCapacity()) return;
    this.#isAwaitingWire = true;
    this.reader.onCapacity(() => {
      this.#isAwaitingWire = false;
      this.capacityFreed();
    });
  }
}
