import { Refusal } from '../errors.js';
import { openDoor, type Admission } from './admission.js';
import { isPattern, kindOf } from './address.js';
import type { Cursor } from './cursor.js';
import { Deliveries, LOOK_EVERY, type Receiver } from './deliveries.js';
import { isMeant, type Draft, type Message } from './message.js';
import type { Feeds } from './feeds.js';
import { gapMessage } from './gap-message.js';
import { PatternTree } from './pattern-tree.js';
import { contentOf, NODE_READY } from './node-messages.js';
import type { Queues } from './queues.js';
import { noRelay, type Relay, type Relayed, type Wanted } from './relay.js';
import type { Slices } from './slices.js';
import type { Following, Since, Subscriber, Subscription } from './subscriber.js';

/** Messages to subscribers: finds them, hands over, waits for none. */
export class Broker implements Relayed {
  readonly #exact = new Map<string, Set<Subscriber>>();
  readonly #patterns = new PatternTree<Subscriber>();
  readonly #deliveries: Deliveries;
  readonly #idPrefix: string;
  /** One for all: most of what is published is kept nowhere, and pays for no function. */
  readonly #publishKept = (kept: Draft): void => void this.publish(kept);
  #made = 0;
  #published = 0;

  /**
   * @param node distinguishes this process's message ids from those of another, or of the one before it
   * @param relay told of everything that is published here
   * @param isUnpatterned whether patterns pass over a topic
   * @param admission stands at the door of topics
   */
  constructor(
    node: string,
    readonly queues: Queues,
    readonly feeds: Feeds,
    private readonly relay: Relay = noRelay,
    private readonly isUnpatterned: (topic: string) => boolean = () => false,
    private readonly admission: Admission = openDoor,
  ) {
    this.#idPrefix = `${node}-`;
    this.#deliveries = new Deliveries(feeds.slices);
  }

  /**
   * The subscriber gets every message that is published after this returns; of a queue, those that fall to it.
   * @param address may be a pattern below `/topic`
   */
  subscribe(address: string, subscriber: Subscriber): Subscription {
    const following = this.#unlogged(address);
    following.start(subscriber);
    return following;
  }

  /**
   * A subscription to a topic, a queue or a log, which its reader starts.
   * @param address may be a pattern below `/topic`
   * @throws {Refusal} invalid_header: a position was asked for, and the address has no log; what the admission throws
   */
  open(address: string, { since, hint }: Since = {}): Following {
    if (this.feeds.has(address)) return this.#logged(address, since ?? hint);
    if (since === undefined)
      return this.admission.concerns(address) ? this.#admitted(address) : this.#unlogged(address);
    throw new Refusal(
      'invalid_header',
      'That destination has no log to resume from; subscribe without since.',
    );
  }

  #admitted(topic: string): Following {
    const { admission } = this;
    admission.admit(topic);
    const following = this.#unlogged(topic);
    let joined: Subscriber | undefined;
    return {
      opened: undefined,
      ready: following.ready,
      start(subscriber) {
        joined = subscriber;
        following.start(subscriber);
        admission.joined(topic, subscriber);
      },
      close() {
        following.close();
        if (joined) admission.left(topic, joined);
      },
    };
  }

  /**
   * Ends all subscriptions to a topic on this node, when what was published there before has been handed over. Patterns go
   * on.
   */
  end(topic: string): void {
    const subscribers = this.#exact.get(topic);
    if (!subscribers) return;
    const ending = [...subscribers];
    const end = (): void => {
      for (const subscriber of ending) {
        if (!subscribers.delete(subscriber)) continue;
        subscriber.ended?.();
        this.admission.left(topic, subscriber);
      }
      // Another may have begun meanwhile, after the last of these had left.
      if (subscribers.size === 0 && this.#exact.get(topic) === subscribers) this.#exact.delete(topic);
    };
    const delivered = this.delivered(topic);
    if (delivered) void delivered.then(end);
    else end();
  }

  #logged(address: string, since: string | undefined): Following {
    const wanted = this.relay.want(address);
    const following = this.feeds.follow(address, since, wanted.ready);
    return {
      opened: following.opened,
      ready: undefined,
      start: (subscriber) => following.start(subscriber),
      close: () => {
        following.close();
        wanted.drop();
      },
    };
  }

  #unlogged(address: string): Following {
    const kind = kindOf(address);
    if (kind === 'queue') return this.#consumed(address);
    const wanted = this.relay.want(address);
    if (kind === 'topic' && isPattern(address))
      return new Begun((subscriber) => this.#subscribePattern(address, subscriber), wanted);
    return new Registration(this.#exact, address, this.#deliveries, wanted);
  }

  #consumed(queue: string): Following {
    const begin = (subscriber: Subscriber): Subscription => this.queues.consume(queue, subscriber);
    if (!this.queues.areShared) return new Begun(begin);
    const announced = this.open(NODE_READY + queue);
    announced.start({
      // What may be lost may have been anything.
      deliver: (message) =>
        this.queues.announced(queue, message.isControl || contentOf(message) === 'back' ? 'back' : 'new'),
      hasCapacity: () => true,
      onCapacity: () => {},
      hearsGaps: true,
    });
    return new Begun(begin, { ready: announced.ready, drop: () => announced.close() });
  }

  #subscribePattern(pattern: string, subscriber: Subscriber): Subscription {
    this.#patterns.add(pattern, subscriber);
    return {
      close: () => {
        this.#patterns.delete(pattern, subscriber);
        this.#deliveries.leave(subscriber);
      },
    };
  }

  /**
   * Gives the message its id, and delivers it here and to the other nodes. What one publisher publishes to one address
   * arrives everywhere in that order.
   * @returns the message as it was handed over
   */
  publish(draft: Draft): Message {
    const message: Message = { id: this.nextId(), ...draft };
    this.#publish(message);
    return message;
  }

  /**
   * The same to several addresses of users. What one of them is shown, the others are: its id, headers and body are one
   * for all, so that it is encoded once.
   */
  publishToUsers(addresses: readonly string[], { headers, body }: Pick<Draft, 'headers' | 'body'>): void {
    const id = this.nextId();
    for (const address of addresses) this.#publish({ id, address, headers, body });
  }

  #publish(message: Message): void {
    this.#published++;
    const isHadHere = this.deliver(message);
    // What is for one session needs to go no further than to it.
    if (!(isHadHere && message.audience && 'only' in message.audience)) this.relay.publish(message);
  }

  /** Sends a message to the other nodes, and to nobody here. */
  tellOthers(message: Message): void {
    this.relay.publish(message);
  }

  /** @see Relay#room */
  room(): Promise<void> | undefined {
    return this.relay.room();
  }

  /**
   * Hands a message to its subscribers here: at once, as many as fit in this turn of the event loop; the rest in the
   * next ones.
   * @returns whether there is any
   */
  deliver(message: Message): boolean {
    const { address, audience } = message;
    let later: Receiver[] | undefined = this.#deliveries.isUnderWay(address) ? [] : undefined;
    let handedOver = 0;
    let isMeantForAny = false;
    const isForLater = (receiver: Receiver): boolean => {
      if (!later && ++handedOver % LOOK_EVERY === 0 && this.slices.isOver) later = [];
      later?.push(receiver);
      return later !== undefined;
    };
    const handOver = (subscriber: Subscriber): void => {
      if (!isMeant(audience, subscriber)) return;
      isMeantForAny = true;
      if (!isForLater(subscriber)) subscriber.deliver(message);
    };
    this.#exact.get(address)?.forEach(handOver);
    if (this.#hasPatterns(address)) this.#patterns.match(address, handOver);
    this.feeds.publish(message, isForLater);
    if (later && later.length > 0) this.#deliveries.add(message, later);
    return isMeantForAny;
  }

  hears(address: string): boolean {
    if (this.#exact.has(address) || this.feeds.isFollowed(address)) return true;
    if (!this.#hasPatterns(address)) return false;
    let isMatched = false;
    this.#patterns.match(address, () => {
      isMatched = true;
    });
    return isMatched;
  }

  #hasPatterns(address: string): boolean {
    return !this.#patterns.isEmpty && kindOf(address) === 'topic' && !this.#isUnpatterned(address);
  }

  #isUnpatterned(topic: string): boolean {
    return this.admission.isUnpatterned(topic) || this.isUnpatterned(topic);
  }

  news(address: string, position: Cursor): void {
    this.feeds.news(address, position);
  }

  away(): void {
    this.feeds.trouble();
  }

  up(): void {
    this.feeds.calm();
  }

  /** Logs are looked at; who asked for it is told of what no log has. */
  missed(concerns: (address: string) => boolean, since: number): void {
    this.feeds.missed(concerns);
    const tell = (subscriber: Subscriber, address: string): void => {
      if (subscriber.hearsGaps) subscriber.deliver(gapMessage(this.nextId(), address, since));
    };
    for (const [address, subscribers] of this.#exact) {
      if (!concerns(address)) continue;
      for (const subscriber of subscribers) tell(subscriber, address);
    }
    this.#patterns.forEach((subscriber, pattern) => {
      if (concerns(pattern)) tell(subscriber, pattern);
    });
  }

  /**
   * Publishes to an address that keeps its messages: stored first, then handed over.
   * @returns resolves then; undefined where the address keeps nothing, and nothing was done
   */
  keep(draft: Draft): Promise<void> | undefined {
    return this.feeds.keep(draft, this.#publishKept);
  }

  /**
   * What `keep`, or a queue, would refuse whenever it were asked: for those who are to wait before it is.
   * @throws {Refusal} invalid_header, frame_too_large
   */
  check(draft: Draft): void {
    if (kindOf(draft.address) === 'queue') this.queues.checkName(draft.address);
    else this.feeds.check(draft);
  }

  /** Whether `keep` is the way to publish to an address. */
  keeps(address: string): boolean {
    return this.feeds.keeps(address);
  }

  /** Resolves when everybody has been handed what was published to an address; undefined where they have. */
  delivered(address: string): Promise<void> | undefined {
    return this.#deliveries.done(address);
  }

  /** The time of the event loop, shared among all that is delivered and taken. */
  get slices(): Slices {
    return this.feeds.slices;
  }

  /** How many messages were published since the start; those of queues are not. */
  get published(): number {
    return this.#published;
  }

  /** A message id that no other message of this node has. */
  nextId(): string {
    return this.#idPrefix + ++this.#made;
  }
}

/** A subscription of a queue or a pattern. */
class Begun implements Following {
  readonly opened = undefined;
  #subscription: Subscription | undefined;

  constructor(
    private readonly begin: (subscriber: Subscriber) => Subscription,
    private readonly wanted?: Wanted,
  ) {}

  get ready(): Promise<void> | undefined {
    return this.wanted?.ready;
  }

  start(subscriber: Subscriber): void {
    this.#subscription = this.begin(subscriber);
  }

  close(): void {
    this.#subscription?.close();
    this.wanted?.drop();
  }
}

/** A subscription of one address. An object of a class: a closure and what it closes over are three times its size. */
class Registration implements Following {
  #subscribers: Set<Subscriber> | undefined;
  #subscriber: Subscriber | undefined;

  constructor(
    private readonly byAddress: Map<string, Set<Subscriber>>,
    private readonly address: string,
    private readonly deliveries: Deliveries,
    private readonly wanted: Wanted,
  ) {}

  get opened(): undefined {
    return undefined;
  }

  get ready(): Promise<void> | undefined {
    return this.wanted.ready;
  }

  start(subscriber: Subscriber): void {
    this.#subscriber = subscriber;
    this.#subscribers = this.byAddress.get(this.address) ?? new Set();
    this.byAddress.set(this.address, this.#subscribers.add(subscriber));
  }

  close(): void {
    this.wanted.drop();
    if (!this.#subscriber || !this.#subscribers) return;
    this.deliveries.leave(this.#subscriber);
    const isLast = this.#subscribers.delete(this.#subscriber) && this.#subscribers.size === 0;
    // Only the set that is registered may unregister the address: an earlier, emptied one may be closed twice.
    if (isLast) this.byAddress.delete(this.address);
  }
}
