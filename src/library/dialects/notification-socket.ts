import { Refusal } from '../errors.js';
import { isPattern, kindOf, userAddress } from '../broker/address.js';
import { cursorOf, type Cursor } from '../broker/cursor.js';
import { EVENT_TYPE, type Message } from '../broker/message.js';
import { isValidPattern } from '../broker/pattern.js';
import type { User } from '../session/ports.js';
import type { SubscriptionRequest } from '../session/subscription.js';
import type { Dialect, ShownRefusal, Speaker, Speech } from './json-conversation.js';
import type { JsonObject } from './json-object.js';
import { NotificationEvents } from './notification-events.js';

/** What `NotificationSocket` is told. */
export interface NotificationSocketOptions {
  /** Below `/user`: the notifications, each a JSON object. Its address has a log. */
  readonly destination: string;
  /** Events for everybody who asks for their type are published to this topic, a dot, and the type. Default: there are none. */
  readonly events?: string;
  /** The user as `authenticated` shows them. Default: `name` and `roles`. */
  readonly describe?: (user: User) => Promise<object | undefined>;
}

/**
 * The JSON of notification sockets, where a client asks for types of notifications by `{action: 'subscribe', event_type}`:
 * docs/clients.md has its words.
 */
export class NotificationSocket implements Dialect {
  readonly #events = new NotificationEvents();

  constructor(private readonly options: NotificationSocketOptions) {}

  tokenOf(message: JsonObject): string | undefined {
    if (message.action !== 'authenticate') return undefined;
    return textOf(message, 'token');
  }

  begin(speaker: Speaker): Speech {
    return new NotificationSpeech(speaker, this.options, this.#events);
  }

  refusal(
    { code, message, retryable, retryAfterMs }: ShownRefusal,
    about: JsonObject | undefined,
  ): JsonObject {
    const action = typeof about?.action === 'string' ? { action: about.action.slice(0, SHOWN) } : undefined;
    return {
      type: 'error',
      code,
      message,
      retryable,
      ...(retryAfterMs !== undefined && { retryAfterMs: Math.ceil(retryAfterMs) }),
      ...action,
    };
  }
}

/** Characters of a client's own word that it is shown again. */
const SHOWN = 64;
/** How many notifications back an `ack` may name. */
const ACKNOWLEDGED = 1_000;
const INBOX = 'inbox';
const BROADCASTS = 'broadcasts';
const ALL = '*';

/**
 * One connection. Whatever types it asks for, it reads its inbox once, from the first `subscribe` to the last `unsubscribe`;
 * the types are a filter over that, so that order and "once" hold.
 */
class NotificationSpeech implements Speech {
  readonly #types = new Set<string>();
  readonly #inbox: string;
  /** Up to where its inbox was read, a cursor. */
  #position: string | undefined;
  /** The positions of what was shown of its inbox, the oldest first. */
  readonly #shown: Cursor[] = [];

  constructor(
    private readonly speaker: Speaker,
    private readonly options: NotificationSocketOptions,
    private readonly events: NotificationEvents,
  ) {
    this.#inbox = userAddress(speaker.conversation.user.name, options.destination);
  }

  async welcome(): Promise<void> {
    const { conversation, services } = this.speaker;
    const { name, roles } = conversation.user;
    const user = (await this.options.describe?.(conversation.user)) ?? { name, roles };
    const following = services.broker.open(this.#inbox);
    const cursor = await following.opened;
    following.close();
    this.speaker.say({ type: 'authenticated', user, cursor });
  }

  take(message: JsonObject): Promise<void> | void {
    switch (message.action) {
      case 'subscribe':
        return this.#subscribe(textOf(message, 'event_type'), sinceOf(message));
      case 'unsubscribe':
        return this.#unsubscribe(textOf(message, 'event_type'));
      case 'ping':
        return this.speaker.say({ type: 'pong', timestamp: this.#seconds });
      case 'stats':
        return this.#tellStats();
      case 'ack':
        return this.#acknowledge(textOf(message, 'cursor'));
      default:
        throw new Refusal(
          'unknown_command',
          'An action is one of authenticate, subscribe, unsubscribe, ping, stats, ack.',
        );
    }
  }

  #subscribe(type: string, since: string | undefined): Promise<void> | void {
    const known = this.#types.has(type) || this.#hasTopic(type);
    if (!known) this.#checkPlace();
    if (type.startsWith('/')) return this.#subscribeTopic(type, since);
    if (type !== ALL && !TYPE.test(type))
      throw new Refusal('invalid_header', 'An event_type is *, a topic, or 1 to 64 of a-z, 0-9, _, . and -.');
    if (this.#types.size > 0) {
      if (since !== undefined)
        throw new Refusal('invalid_header', 'since is for the first subscribe: unsubscribe from all before.');
      this.#types.add(type);
      return this.#tellSubscribed(type, this.#position);
    }
    return this.#openInbox(type, since);
  }

  async #openInbox(type: string, since: string | undefined): Promise<void> {
    const { conversation } = this.speaker;
    const destination = `/user${this.options.destination}`;
    const opening = conversation.subscribe(
      { id: INBOX, kind: 'user', mode: 'auto', prefetch: 1, destination, address: this.#inbox },
      { show: asItIs, tell: (message) => this.#tellOwn(message) },
      { since },
    );
    try {
      this.#position = await opening?.opened;
    } catch (error) {
      conversation.subscriptions.close(INBOX, undefined);
      throw error;
    }
    this.#types.add(type);
    if (this.options.events !== undefined) this.#openBroadcasts(`${this.options.events}.**`);
    this.#tellSubscribed(type, this.#position);
    opening?.start();
  }

  #openBroadcasts(pattern: string): void {
    this.speaker.conversation.subscribe(ofTopic(BROADCASTS, pattern), {
      show: asItIs,
      tell: (message) => this.#tellBroadcast(message),
    });
  }

  /** @throws {Refusal} forbidden, invalid_header, unknown_destination */
  async #subscribeTopic(topic: string, since: string | undefined): Promise<void> {
    if (this.#hasTopic(topic)) return this.#tellSubscribed(topic, undefined);
    const { conversation, services } = this.speaker;
    const { authorizer, limits } = services;
    if (topic.length > limits.destinationCharacters || kindOf(topic) !== 'topic')
      throw new Refusal('unknown_destination', 'An event_type with a slash is a destination below /topic.');
    if (isPattern(topic) && !isValidPattern(topic, limits.patternSegments))
      throw new Refusal('invalid_header', 'In a pattern * is one whole segment, ** zero or more at the end.');
    if (!(await authorizer.isAllowed(conversation.user, 'SUBSCRIBE', topic)))
      throw new Refusal('forbidden', 'Your role may not subscribe to that topic.');
    if (conversation.client.hasLeft) return;
    try {
      const opening = conversation.subscribe(
        ofTopic(topic, topic),
        {
          show: asItIs,
          tell: (message) => this.#tellTopic(message),
          ended: () => this.#closeTopic(topic),
        },
        { since },
      );
      this.#tellSubscribed(topic, await opening?.opened);
      opening?.start();
    } catch (error) {
      this.#closeTopic(topic);
      throw error;
    }
  }

  #unsubscribe(type: string): void {
    this.#closeTopic(type);
    if (this.#types.delete(type) && this.#types.size === 0) {
      const { subscriptions } = this.speaker.conversation;
      subscriptions.close(INBOX, undefined);
      subscriptions.close(BROADCASTS, undefined);
    }
    this.speaker.say({ type: 'unsubscribed', event_type: type });
  }

  #hasTopic(type: string): boolean {
    return type.startsWith('/') && this.speaker.conversation.subscriptions.has(type);
  }

  #closeTopic(type: string): void {
    if (this.#hasTopic(type)) this.speaker.conversation.subscriptions.close(type, undefined);
  }

  /** All that was read up to there was received (`Log#delivered`). */
  async #acknowledge(cursor: string): Promise<void> {
    const last = this.#shown.findLastIndex((position) => cursorOf(position) === cursor);
    if (last < 0)
      throw new Refusal('unknown_ack', 'A cursor to acknowledge is that of an event of this connection.');
    const received = this.#shown.splice(0, last + 1);
    await this.speaker.services.broker.feeds.delivered(
      this.#inbox,
      received.map((position) => ({ position })),
      this.speaker.conversation.user.name,
    );
    this.speaker.say({ type: 'acked', cursor });
  }

  #tellSubscribed(type: string, cursor: string | undefined): void {
    this.speaker.say({ type: 'subscribed', event_type: type, cursor });
  }

  #tellStats(): void {
    const { signedIn, sent, received } = this.speaker.services.census;
    const data = { active_connections: signedIn, messages_sent: sent, messages_received: received };
    this.speaker.say({ type: 'stats', data });
  }

  /** Rows that the filter hides move the position too. */
  #tellOwn(message: Message): void {
    const { headers, position } = message;
    if (message.isControl) return this.#tellControl(message);
    this.#position = position && cursorOf(position);
    if (!this.#wants(headers.get(EVENT_TYPE))) return;
    if (position) this.#shown.push(position);
    if (this.#shown.length > ACKNOWLEDGED) this.#shown.shift();
    this.speaker.sayEncoded(this.events.ofInbox(message, this.#seconds));
  }

  #tellBroadcast(message: Message): void {
    if (message.isControl) return this.#tellControl(message);
    if (this.#wants(message.headers.get(EVENT_TYPE)))
      this.speaker.sayEncoded(this.events.ofBroadcast(message, this.#seconds));
  }

  #tellTopic(message: Message): void {
    if (message.isControl) this.#tellControl(message);
    else this.speaker.sayEncoded(this.events.ofTopic(message, this.#seconds));
  }

  /** The verdict on a `since`, and what else is said of a subscription itself. */
  #tellControl({ address, headers, body, position }: Message): void {
    const topic = address === this.#inbox ? {} : { topic: address };
    const data: unknown = JSON.parse(Buffer.from(body).toString());
    this.speaker.say({
      type: headers.get(EVENT_TYPE),
      ...topic,
      data,
      cursor: position && cursorOf(position),
    });
  }

  #wants(type: string | undefined): boolean {
    return this.#types.has(ALL) || (type !== undefined && this.#types.has(type));
  }

  /** @throws {Refusal} subscription_limit */
  #checkPlace(): void {
    const { conversation, services } = this.speaker;
    const { jsonSubscriptions } = services.limits;
    const { subscriptions } = conversation;
    const ownCount = [INBOX, BROADCASTS].filter((id) => subscriptions.has(id)).length;
    if (this.#types.size + subscriptions.size - ownCount >= jsonSubscriptions)
      throw new Refusal(
        'subscription_limit',
        `At most ${jsonSubscriptions} event types are subscribed to on one connection.`,
      );
  }

  /** Since the Unix epoch, whole: what these clients take for a timestamp. */
  get #seconds(): number {
    return Math.floor(this.speaker.services.clock.now() / 1000);
  }
}

/** Written out: an object that is made by spreading another costs a hidden class of its own. */
function ofTopic(id: string, address: string): SubscriptionRequest {
  return { id, kind: 'topic', mode: 'auto', prefetch: 1, hearsGaps: true, destination: address, address };
}

function asItIs(message: Message): Message {
  return message;
}

const TYPE = /^[a-z0-9_.-]{1,64}$/;

/** @throws {Refusal} invalid_header */
function textOf(message: JsonObject, member: string): string {
  const value = message[member];
  if (typeof value === 'string' && value !== '') return value;
  throw new Refusal('invalid_header', `${member} is a text, and not empty.`);
}

function sinceOf(message: JsonObject): string | undefined {
  return message.since === undefined || message.since === null ? undefined : textOf(message, 'since');
}
