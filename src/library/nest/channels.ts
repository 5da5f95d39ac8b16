import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Refusal } from '../errors.js';
import { userAddress } from '../broker/address.js';
import {
  isChannel,
  isOwnOf,
  ownChannelOf,
  ownerOf,
  OWN_QUEUE,
  topicOf,
  type ChannelMessage,
  type ChannelPerson,
} from '../dialects/channels.js';
import type { User } from '../session/ports.js';
import { Rights } from './rights.js';
import { MESSAGING_OPTIONS, type ChannelsOptions, type MessagingOptions } from './options.js';
import { MessagingTemplate } from './template.js';

/** Speaks to channels: to who is at `/channels/{channel}`, and to who is subscribed to its topic in another language. */
@Injectable()
export class Channels {
  readonly #options: ChannelsOptions;

  constructor(
    private readonly template: MessagingTemplate,
    private readonly rights: Rights,
    @Inject(MESSAGING_OPTIONS) { dialects }: MessagingOptions,
  ) {
    this.#options = dialects?.channels ?? {};
  }

  /**
   * To everybody in a channel, on all nodes; to a user, where it is their own (`user-<id>`).
   * @throws {TypeError} that is no channel's name
   * @throws {Refusal} not_found: it is the own channel of nobody
   */
  async broadcast(channel: string, { channel: shown = channel, cmd, param }: ChannelMessage): Promise<void> {
    if (!isChannel(channel)) throw new TypeError(`${channel} is no channel`);
    const owner = ownerOf(channel);
    const message = { channel: shown, cmd, param };
    if (owner === undefined) this.template.convertAndSend(topicOf(channel), message);
    else this.template.convertAndSend(await this.#addressOf(owner), message);
  }

  /** The same as `broadcast`. */
  sendToChannel(channel: string, message: ChannelMessage): Promise<void> {
    return this.broadcast(channel, message);
  }

  /** To one user, on all devices. @throws {Refusal} not_found */
  async sendToUser(id: ChannelPerson['id'], cmd: string, param: unknown): Promise<void> {
    const message = { channel: `user-${id}`, cmd, param };
    this.template.convertAndSend(await this.#addressOf(String(id)), message);
  }

  /** One message to several channels. */
  async broadcastAll(channels: readonly string[], message: ChannelMessage): Promise<void> {
    await Promise.all(channels.map((channel) => this.broadcast(channel, message)));
  }

  /**
   * What a user says in a channel: with who it was, when, and an id over whatever the client wrote.
   * @throws {Refusal} forbidden: they may not be there
   */
  async say(user: User, channel: string, cmd: string, param: object): Promise<void> {
    const person = await this.personOf(user);
    const stamped = {
      ...param,
      user_id: person.id,
      username: person.name,
      timestamp: new Date().toISOString(),
      id: randomUUID(),
    };
    if (isOwnOf(person, channel)) {
      const message = { channel: ownChannelOf(person), cmd, param: stamped };
      return this.template.convertAndSendToUser(user.name, OWN_QUEUE, message);
    }
    if (!isChannel(channel) || !(await this.rights.isAllowed(user, 'SUBSCRIBE', topicOf(channel))))
      throw new Refusal('forbidden', 'You are not in that channel.');
    this.template.convertAndSend(topicOf(channel), { channel, cmd, param: stamped });
  }

  /** Who a user is to others. */
  async personOf(user: User): Promise<ChannelPerson> {
    return (await this.#options.describe?.(user)) ?? { id: user.name, name: user.name };
  }

  async #addressOf(id: string): Promise<string> {
    const { nameOf = (one: string) => one } = this.#options;
    const name = await nameOf(id);
    if (name === undefined) throw new Refusal('not_found', 'There is no such user.');
    return userAddress(name, OWN_QUEUE);
  }
}
