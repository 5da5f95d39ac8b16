import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { CurrentUser, Roles } from '../auth/access.js';
import { SignedIn } from '../auth/signed-in.js';
import { HttpError } from '../errors.js';
import { ZodPipe } from '../http/zod.pipe.js';
import type { Counts } from '../inbox/inbox.js';
import type { State } from '../inbox/states.js';
import { UsersService } from '../users/users.service.js';
import { InboxReader, type NotificationPage } from './inbox-reader.js';
import type { Notification } from './notification.js';
import { NotificationService } from './notification.service.js';
import {
  ackSchema,
  idSchema,
  listSchema,
  marksSchema,
  readAllSchema,
  sendSchema,
  type Ack,
  type ListQuery,
  type NewNotification,
  type ReadAll,
} from './schemas.js';

@Controller('api/notifications')
export class NotificationsController {
  constructor(
    private readonly inbox: InboxReader,
    private readonly notifications: NotificationService,
    private readonly users: UsersService,
  ) {}

  @Get()
  list(
    @CurrentUser() user: SignedIn,
    @Query(new ZodPipe(listSchema)) query: ListQuery,
  ): Promise<NotificationPage> {
    return this.inbox.list(user.id, query);
  }

  @Get('counts')
  counts(@CurrentUser() user: SignedIn): Promise<Counts> {
    return this.inbox.counts(user.id);
  }

  @Patch(':id')
  mark(
    @CurrentUser() user: SignedIn,
    @Param('id', new ZodPipe(idSchema)) id: number,
    @Body(new ZodPipe(marksSchema)) states: State[],
  ): Promise<Notification> {
    return this.inbox.mark(user, id, states);
  }

  @Post('read-all')
  @HttpCode(200)
  async readAll(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(readAllSchema)) rows: ReadAll,
  ): Promise<{ changed: number }> {
    return { changed: await this.inbox.markAll(user, rows, 'read') };
  }

  @Post('ack')
  @HttpCode(204)
  ack(@CurrentUser() user: SignedIn, @Body(new ZodPipe(ackSchema)) { upTo }: Ack): Promise<void> {
    return this.inbox.acknowledge(user.id, upTo);
  }

  @Post()
  @Roles('operator')
  async send(@Body(new ZodPipe(sendSchema)) notification: NewNotification): Promise<Notification> {
    const { message, type, data } = notification;
    return this.notifications.sendNotification(await this.#recipient(notification), message, { type, data });
  }

  async #recipient({ userId, email }: NewNotification): Promise<number> {
    if (userId !== undefined) return userId;
    const user = email === undefined ? null : await this.users.findByEmail(email);
    if (!user) throw new HttpError('not_found', 'There is no such user.');
    return user.id;
  }
}
