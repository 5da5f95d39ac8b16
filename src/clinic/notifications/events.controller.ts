import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Roles } from '../auth/access.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { MessagingTemplate } from '../../library/nest/template.js';
import { eventSchema, type NewEvent } from './schemas.js';

/** Events for everybody are published to this topic, a dot, and their type. */
export const EVENTS = '/topic/events';

/** Says something to everybody who is there and asks for that type; it is kept nowhere. */
@Controller('api/events')
export class EventsController {
  constructor(private readonly template: MessagingTemplate) {}

  @Post()
  @Roles('operator')
  @HttpCode(202)
  broadcast(@Body(new ZodPipe(eventSchema)) { type, data }: NewEvent): void {
    this.template.convertAndSend(`${EVENTS}.${type}`, data, { 'event-type': type });
  }
}
