import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { AcceptsTicket, CurrentUser } from '../auth/access.js';
import { SignedIn } from '../auth/signed-in.js';
import { Refusal } from '../errors.js';
import { pathIdSchema } from '../http/id.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { EventStreams } from '../../library/nest/event-streams.js';
import { Rights } from '../../library/nest/rights.js';
import { topicSchema, type Topic } from './schemas.js';

/** Server-Sent Events: the own notifications, and topics. */
@AcceptsTicket()
@Controller('api')
export class StreamsController {
  constructor(
    private readonly streams: EventStreams,
    private readonly rights: Rights,
  ) {}

  @Get('notifications/stream')
  own(@CurrentUser() user: SignedIn, @Res() response: Response): Promise<void> {
    return this.streams.open({
      response,
      user,
      address: user.addressOf('/queue/notifications'),
      greeting: { event: 'connected', data: 'Connected to notification stream' },
      eventOf: (message) => (message.isControl ? 'resume' : 'notification'),
    });
  }

  /** The address that existing clients know. */
  @Get('notifications/stream/:userId')
  ofUser(
    @CurrentUser() user: SignedIn,
    @Param('userId', new ZodPipe(pathIdSchema)) userId: number,
    @Res() response: Response,
  ): Promise<void> {
    if (userId !== user.id) throw new Refusal('forbidden', 'Everybody reads their own stream only.');
    return this.own(user, response);
  }

  @Get('events')
  async topic(
    @CurrentUser() user: SignedIn,
    @Query(new ZodPipe(topicSchema)) { topic }: Topic,
    @Res() response: Response,
  ): Promise<void> {
    if (!(await this.rights.isAllowed(user, 'SUBSCRIBE', topic)))
      throw new Refusal('forbidden', 'Your role may not subscribe to this topic.');
    await this.streams.open({
      response,
      user,
      address: topic,
      since: this.streams.positionOf(response),
      // A first reader of a kept topic is told where to go on after a cut.
      ...(this.streams.hasLog(topic) && { greeting: { event: 'connected', data: `Connected to ${topic}` } }),
    });
  }
}
