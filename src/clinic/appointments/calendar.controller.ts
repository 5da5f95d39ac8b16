import { createHash } from 'node:crypto';
import { Controller, Delete, Get, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { CurrentUser, Public } from '../auth/access.js';
import { SignedIn } from '../auth/signed-in.js';
import { CalendarFeeds, type CalendarFeed, type NewCalendarFeed } from './calendar-feeds.js';

/** A person's appointments for the calendar on their phone, by an address that is a secret. */
@Controller('api/calendar')
export class CalendarController {
  constructor(private readonly feeds: CalendarFeeds) {}

  @Get()
  find(@CurrentUser() user: SignedIn): Promise<CalendarFeed> {
    return this.feeds.find(user);
  }

  @Post()
  open(@CurrentUser() user: SignedIn): Promise<NewCalendarFeed> {
    return this.feeds.open(user);
  }

  @Delete()
  @HttpCode(204)
  close(@CurrentUser() user: SignedIn): Promise<void> {
    return this.feeds.close(user);
  }

  @Public()
  @Get(':file')
  async read(
    @Param('file') file: string,
    @Headers('If-None-Match') known: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const text = await this.feeds.read(file.replace(/\.ics$/, ''));
    const tag = `"${createHash('sha256').update(text).digest('base64url')}"`;
    response.set({ ETag: tag, 'Cache-Control': 'private, no-cache' });
    // Calendars ask every hour, and mostly nothing has changed. Weakly compared: RFC 9110, 13.1.2.
    const isKnown = known?.split(',').some((one) => one.trim().replace(/^W\//, '') === tag) === true;
    if (isKnown) response.status(304).end();
    else response.type('text/calendar').send(text);
  }
}
