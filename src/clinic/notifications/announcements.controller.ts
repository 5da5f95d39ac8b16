import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { CurrentUser, Roles } from '../auth/access.js';
import { SignedIn } from '../auth/signed-in.js';
import { IdempotencyKey, markReplayed, type RequestKey } from '../http/idempotency-key.js';
import { ZodPipe } from '../http/zod.pipe.js';
import { Announcements, type AnnouncementPage } from './announcements.js';
import { announcementSchema, pageSchema, type Announcement, type AnnouncementQuery } from './schemas.js';
import { StrayPositions } from './stray-positions.js';

/** REST of announcements. */
@Controller('api/announcements')
export class AnnouncementsController {
  constructor(private readonly announcements: Announcements) {}

  @Get()
  list(
    @Query(new StrayPositions(), new ZodPipe(pageSchema)) query: AnnouncementQuery,
  ): Promise<AnnouncementPage> {
    return this.announcements.list(query);
  }

  @Post()
  @Roles('operator')
  @HttpCode(202)
  async announce(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(announcementSchema)) { message }: Announcement,
    @IdempotencyKey() key: RequestKey | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const request = key && { owner: user.id, ...key };
    markReplayed(response, await this.announcements.announce(message, request));
  }
}
