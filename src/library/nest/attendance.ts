import type { Admission } from '../broker/admission.js';
import type { Clock } from '../broker/clock.js';
import type { Subscriber } from '../broker/subscriber.js';
import { Refusal } from '../errors.js';
import type { HeadCounts } from './head-counts.js';

/** Somebody who is subscribed to a topic, by one subscription. */
export interface RoomMember {
  /** Of the connection, as `ClientSession#id`. */
  readonly session: string;
  /** The user's name, as `User#name`. */
  readonly user: string;
  /** Such as `websocket`, or `sse` for an event stream. */
  readonly transport: string;
  readonly since: Date;
}

/** A member who came or went. */
export interface RoomChange {
  readonly type: 'joined' | 'left';
  readonly member: RoomMember;
}

/** Topics that are counted. */
export interface Counted {
  /** With which they begin. */
  readonly prefix: string;
  /** How many may be subscribed to one of them, on all nodes. */
  capacityOf(topic: string): number;
  isUnpatterned(topic: string): boolean;
}

/**
 * Who is subscribed to the topics that are counted, whatever they speak: rooms and channels. What listens to a topic without
 * being a client's is nobody.
 */
export class Attendance implements Admission {
  readonly #counted: Counted[] = [];
  readonly #present = new Map<string, Map<Subscriber, RoomMember>>();
  readonly #listeners = new Map<string, Set<(change: RoomChange) => void>>();
  #elsewhere: Pick<HeadCounts, 'set' | 'elsewhere'> | undefined;

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** From now on the other nodes count, too. */
  share(counts: Pick<HeadCounts, 'set' | 'elsewhere'>): void {
    this.#elsewhere = counts;
  }

  add(counted: Counted): void {
    this.#counted.push(counted);
  }

  concerns(topic: string): boolean {
    return this.#of(topic) !== undefined;
  }

  isUnpatterned(topic: string): boolean {
    return this.#of(topic)?.isUnpatterned(topic) ?? false;
  }

  admit(topic: string): void {
    const capacity = this.#of(topic)?.capacityOf(topic) ?? Infinity;
    if (this.count(topic) < capacity) return;
    throw new Refusal('room_full', `It is full: ${capacity} are there. Come back when somebody has left.`);
  }

  joined(topic: string, subscriber: Subscriber): void {
    const { owner } = subscriber;
    if (!owner) return;
    const { id: session, user, transport } = owner;
    const member = { session, user: user.name, transport, since: new Date(this.clock.now()) };
    const present = this.#present.get(topic) ?? new Map<Subscriber, RoomMember>();
    this.#present.set(topic, present.set(subscriber, member));
    this.#tell(topic, { type: 'joined', member });
  }

  left(topic: string, subscriber: Subscriber): void {
    const present = this.#present.get(topic);
    const member = present?.get(subscriber);
    if (!present || !member) return;
    present.delete(subscriber);
    if (present.size === 0) this.#present.delete(topic);
    this.#tell(topic, { type: 'left', member });
  }

  /** On all nodes, as last heard of the others. */
  count(topic: string): number {
    return (this.#present.get(topic)?.size ?? 0) + (this.#elsewhere?.elsewhere(topic) ?? 0);
  }

  /** On this node. */
  members(topic: string): RoomMember[] {
    return [...(this.#present.get(topic)?.values() ?? [])];
  }

  /** @returns what to call to hear no more */
  listen(topic: string, listener: (change: RoomChange) => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic);
    };
  }

  #of(topic: string): Counted | undefined {
    return this.#counted.find(({ prefix }) => topic.startsWith(prefix));
  }

  #tell(topic: string, change: RoomChange): void {
    this.#elsewhere?.set(topic, this.#present.get(topic)?.size ?? 0);
    this.#listeners.get(topic)?.forEach((listener) => listener(change));
  }
}
