import { Inject, Injectable } from '@nestjs/common';
import { CHANNELS, channelOf, ownerOf, SYSTEM } from '../dialects/channels.js';
import { isPattern } from '../broker/address.js';
import type { Authorizer, User, Verb } from '../session/ports.js';
import { MESSAGING_OPTIONS, type MessagingOptions } from './options.js';

/**
 * What users may do, for every way in: the option `authorizer`, asked; and of a channel its rights, whatever its reader
 * speaks.
 */
@Injectable()
export class Rights implements Authorizer {
  constructor(@Inject(MESSAGING_OPTIONS) private readonly options: MessagingOptions) {}

  isAllowed(user: User, verb: Verb, address: string): boolean | Promise<boolean> {
    const { authorizer, dialects } = this.options;
    if (verb === 'SUBSCRIBE' && dialects?.channels && address.startsWith(CHANNELS) && !isPattern(address))
      return this.#mayJoin(user, channelOf(address));
    return authorizer.isAllowed(user, verb, address);
  }

  /** Of an own channel there is no topic, and a channel has one spelling. */
  async #mayJoin(user: User, channel: string | undefined): Promise<boolean> {
    if (channel === undefined || ownerOf(channel) !== undefined) return false;
    if (channel === SYSTEM) return true;
    return (await this.options.dialects?.channels?.rights?.mayJoin(user, channel)) !== false;
  }
}
