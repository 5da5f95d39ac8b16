import { Refusal } from '../errors.js';
import { userAddress } from '../broker/address.js';
import type { Message } from '../broker/message.js';
import type { Application, Arrival, User } from '../session/ports.js';
import type { SubscriptionRequest } from '../session/subscription.js';
import { ChannelMessages } from './channel-messages.js';
import {
  isOwnOf,
  ownChannelOf,
  ownerOf,
  OWN_QUEUE,
  SYSTEM,
  topicOf,
  type ChannelRights,
  type Joining,
  type ChannelPerson,
} from './channels.js';
import type { Dialect, ShownRefusal, Speaker, Speech } from './json-conversation.js';
import type { JsonObject } from './json-object.js';
import { callMethod } from './method-call.js';

/** Says which channel a connection is of. @throws {Refusal} such as forbidden */
export type Door = (user: User, arrival: Arrival, person: ChannelPerson) => Promise<Joining> | Joining;

/** Where a connection comes in. */
export interface ChannelEntrance {
  readonly door: Door;
  /** The channel, where its path names one. */
  readonly channel?: string | undefined;
}

/** What channel sockets are told. */
export interface ChannelSocketOptions {
  /** Below `/user`: the inbox that one's own channel follows; its address has a log. Default: it follows none. */
  readonly inbox?: string;
  /** A topic that everybody hears in the channel `system`, as `system-update`. Default: none. */
  readonly system?: string;
  /** Default: everybody who is signed in may join; a channel is as private as its name. */
  readonly rights?: ChannelRights;
  /** Default: `name` for both. */
  readonly describe?: (user: User) => Promise<ChannelPerson | undefined>;
}

/** What all channel sockets of a node share. */
export interface ChannelServices {
  readonly options: ChannelSocketOptions;
  readonly application: Application;
  readonly messages: ChannelMessages;
}

/**
 * The JSON of channel sockets, `{channel, cmd, param}`, where a connection is one channel: docs/clients.md has its words.
 * One for each connection.
 */
export class ChannelSocket implements Dialect {
  readonly #door: Door;
  /** Of a stranger at an address for all it isn't known yet. */
  #channel: string;

  constructor(
    { door, channel = '' }: ChannelEntrance,
    private readonly arrival: Arrival,
    private readonly services: ChannelServices,
  ) {
    this.#door = door;
    this.#channel = channel;
  }

  tokenOf({ cmd, param }: JsonObject): string | undefined {
    if (cmd !== 'authenticate') return undefined;
    const { token } = (typeof param === 'object' && param !== null ? param : {}) as JsonObject;
    if (typeof token === 'string' && token !== '') return token;
    throw new Refusal('invalid_header', 'To authenticate, param.token is a text.');
  }

  async begin(speaker: Speaker): Promise<Speech> {
    const { user, client } = speaker.conversation;
    const person = (await this.services.options.describe?.(user)) ?? { id: user.name, name: user.name };
    const { channel, metadata } = await this.#door(user, this.arrival, person);
    this.#channel = channel;
    client.attributes.set('channel', channel).set('metadata', metadata);
    const since = new URLSearchParams(this.arrival.query).get('since') ?? undefined;
    return new ChannelSpeech(speaker, { channel, person, since }, this.services, this);
  }

  refusal(
    { code, message, retryable, retryAfterMs }: ShownRefusal,
    about: JsonObject | undefined,
  ): JsonObject {
    const cmd = typeof about?.cmd === 'string' ? { cmd: about.cmd.slice(0, SHOWN) } : undefined;
    const param = {
      code,
      message,
      retryable,
      ...(retryAfterMs !== undefined && { retryAfterMs: Math.ceil(retryAfterMs) }),
      ...cmd,
    };
    return { channel: this.#channel, cmd: 'error', param };
  }
}

/** Where `/channels/{channel}` leads. @param name as its path has it */
export function doorOf(name: string, rights: ChannelRights | undefined): Door {
  return async (user, _arrival, person) => {
    if (isOwnOf(person, name)) return { channel: name };
    if (ownerOf(name) !== undefined)
      throw new Refusal('forbidden', 'Everybody joins their own channel only.');
    if (name === SYSTEM) return { channel: name };
    const answer = (await rights?.mayJoin(user, name)) ?? true;
    if (answer === false) throw new Refusal('forbidden', 'You may not join that channel.');
    return { channel: name, ...(answer !== true && { metadata: answer.metadata }) };
  };
}

/** Where an address leads that is the caller's own channel. */
export const ownDoor: Door = (_user, _arrival, person) => ({ channel: ownChannelOf(person) });

/** Characters of a client's own word that it is shown again. */
const SHOWN = 64;
const COMMAND = /^[a-z0-9-]{1,64}$/;

interface Joined {
  readonly channel: string;
  readonly person: ChannelPerson;
  readonly since: string | undefined;
}

/** One connection, which is of one channel. */
class ChannelSpeech implements Speech {
  /** What came before its client was told that it has joined. */
  #held: Uint8Array[] | undefined = [];

  constructor(
    private readonly speaker: Speaker,
    private readonly joined: Joined,
    private readonly services: ChannelServices,
    private readonly dialect: Dialect,
  ) {}

  async welcome(): Promise<void> {
    const { conversation } = this.speaker;
    const { channel, person, since } = this.joined;
    const { said, kept, show } = this.#sources();
    if (!kept && since !== undefined)
      throw new Refusal(
        'invalid_header',
        'That channel keeps nothing: since is for the own one, and for system.',
      );
    await this.#follow(said, (message) => this.services.messages.said(message, channel));
    const log = kept && (await this.#follow(kept, show, since));
    const param = { user_id: person.id, session: conversation.id, cursor: log?.cursor };
    this.speaker.say({ channel, cmd: 'joined', param });
    this.#held?.splice(0).forEach((json) => this.speaker.sayEncoded(json));
    this.#held = undefined;
    log?.start();
    if (!isOwnOf(person, channel) && channel !== SYSTEM) this.#tellOthers();
  }

  async take(message: JsonObject): Promise<void> {
    const { channel, cmd, param } = message;
    const own = this.joined.channel;
    if (channel !== undefined && channel !== null && channel !== own)
      throw new Refusal('forbidden', `This connection is of the channel ${own}: open another for another.`);
    if (typeof cmd !== 'string' || !COMMAND.test(cmd))
      throw new Refusal('invalid_header', 'cmd is 1 to 64 of a-z, 0-9 and -.');
    if (param !== undefined && (typeof param !== 'object' || Array.isArray(param)))
      throw new Refusal('invalid_header', 'param is an object.');
    if (cmd === 'ping') return this.#tell('pong', { timestamp: this.#now });
    if (own === SYSTEM) throw new Refusal('forbidden', 'The channel system is for reading.');
    await this.#call(message, cmd, param ?? {});
  }

  /** The application's method for a command. What it throws is told, and the connection goes on. */
  async #call(message: JsonObject, cmd: string, param: object): Promise<void> {
    const { conversation, services } = this.speaker;
    const { application } = this.services;
    const [prefix = '/app'] = application.prefixes ?? [];
    const destination = `${prefix}/channels/${this.joined.channel}/${cmd}`;
    if (!application.handles('SEND', destination))
      throw new Refusal('unknown_command', `Nothing here answers to ${cmd}.`);
    const { client, user } = conversation;
    if (!(await services.authorizer.isAllowed(user, 'SEND', destination)))
      throw new Refusal('forbidden', 'Your role may not say that.');
    const fail = (error: unknown): void => this.#failed(error, message);
    try {
      await callMethod({ ...services, application }, { destination, body: param, client, fail });
    } catch (error) {
      fail(error);
    }
  }

  #failed(error: unknown, message: JsonObject): void {
    const { services, conversation } = this.speaker;
    const refusal: Refusal<string> | undefined = error instanceof Refusal ? error : undefined;
    if (!refusal) services.observer.failed?.(conversation, error);
    const shown = {
      code: refusal?.code ?? 'handler_failed',
      message: refusal?.message ?? 'The method failed; the fault is ours.',
      retryable: refusal?.answer?.retryable ?? false,
      retryAfterMs: refusal?.retryAfterMs,
    };
    this.speaker.say(this.dialect.refusal(shown, message));
  }

  /** Before messages come, its client is told that it has joined. */
  async #follow(
    where: Where,
    show: (message: Message) => Uint8Array,
    since?: string,
  ): Promise<{ cursor: string | undefined; start(): void } | undefined> {
    const { conversation } = this.speaker;
    if (conversation.client.hasLeft) return undefined;
    const request: SubscriptionRequest = {
      ...where,
      id: where.address,
      mode: 'auto',
      prefetch: 1,
      hearsGaps: true,
    };
    const tell = (message: Message): void => this.#hear(message, show);
    const opening = conversation.subscribe(request, { show: (message) => message, tell }, { since });
    if (!opening) return undefined;
    const cursor = await opening.opened;
    return { cursor, start: () => opening.start() };
  }

  #hear(message: Message, show: (message: Message) => Uint8Array): void {
    const { messages } = this.services;
    if (message.isControl)
      return this.speaker.say(messages.control(message, this.joined.channel) as JsonObject);
    const json = show(message);
    if (this.#held) this.#held.push(json);
    else this.speaker.sayEncoded(json);
  }

  /** Of a channel that is a person's own, or `system`, something is kept too. */
  #sources(): Sources {
    const { channel, person } = this.joined;
    const { messages, options } = this.services;
    const { inbox, system } = options;
    if (!isOwnOf(person, channel)) {
      const kept = channel === SYSTEM && system !== undefined ? topic(system) : undefined;
      return { said: topic(topicOf(channel)), kept, show: (message) => messages.system(message) };
    }
    return {
      said: this.#own(OWN_QUEUE),
      kept: inbox === undefined ? undefined : this.#own(inbox),
      show: (message) => messages.notification(message, channel),
    };
  }

  #own(queue: string): Where {
    const { name } = this.speaker.conversation.user;
    return { kind: 'user', destination: `/user${queue}`, address: userAddress(name, queue) };
  }

  /** Now, and when it has gone. */
  #tellOthers(): void {
    const { client } = this.speaker.conversation;
    if (client.hasLeft) return;
    this.#publish('user-joined');
    client.left.addEventListener('abort', () => this.#publish('user-left'), { once: true });
  }

  #publish(cmd: string): void {
    const { conversation, services } = this.speaker;
    const { channel, person } = this.joined;
    const param = {
      user_id: person.id,
      username: person.name,
      timestamp: this.#now,
      session: conversation.id,
    };
    services.broker.publish({
      address: topicOf(channel),
      headers: new Map([['content-type', 'application/json']]),
      body: Buffer.from(JSON.stringify({ channel, cmd, param })),
      audience: { except: conversation.id },
    });
  }

  #tell(cmd: string, param: object): void {
    this.speaker.say({ channel: this.joined.channel, cmd, param });
  }

  get #now(): string {
    return new Date(this.speaker.services.clock.now()).toISOString();
  }
}

/** Where what is said in a channel comes from, and what is kept of it, with how that is shown. */
interface Sources {
  readonly said: Where;
  readonly kept: Where | undefined;
  readonly show: (message: Message) => Uint8Array;
}

type Where = Pick<SubscriptionRequest, 'kind' | 'destination' | 'address'>;

function topic(address: string): Where {
  return { kind: 'topic', destination: address, address };
}
