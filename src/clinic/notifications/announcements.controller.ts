import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { Roles } from '../auth/access.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { MessagingTemplate } from '../../library/nest/template.js';
import { announcementSchema, type Announcement } from './schemas.js';

/** Words for everybody who is there; who isn't, misses them. */
@Controller('api/announcements')
export class AnnouncementsController {
  constructor(private readonly template: MessagingTemplate) {}

  @Post()
  @Roles('operator')
  @HttpCode(202)
  announce(@Body(new ZodPipe(announcementSchema)) { message }: Announcement): void {
    this.template.convertAndSend(
      '/topic/announcements',
      { message, timestamp: new Date() },
      { 'event-type': 'announcement' },
    );
  }
}
