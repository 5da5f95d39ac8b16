import { Controller } from '@nestjs/common';
import { Refusal } from '../errors.js';
import { SYSTEM } from '../dialects/channels.js';
import type { ClientSession } from '../session/ports.js';
import { Channels } from './channels.js';
import { ConnectedSession, DestinationVariable, MessageMapping, Payload } from './decorators.js';

/**
 * What is said in channels: name it among your `controllers`, and `chat-message` goes to everybody in the channel, its sender
 * included. Commands of your own are methods as this one.
 */
@Controller()
export class ChannelsController {
  constructor(private readonly channels: Channels) {}

  @MessageMapping('/channels/{channel}/chat-message')
  async say(
    @DestinationVariable('channel') channel: string,
    @Payload() param: unknown,
    @ConnectedSession() { user }: ClientSession,
  ): Promise<void> {
    if (channel === SYSTEM) throw new Refusal('forbidden', 'The channel system is for reading.');
    if (typeof param !== 'object' || param === null || Array.isArray(param))
      throw new Refusal('invalid_header', 'A chat-message is a JSON object.');
    await this.channels.say(user, channel, 'chat-message', param);
  }
}
