import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { Response } from 'express';
import { CurrentUser, Roles } from '../auth/access.js';
import { SignedIn } from '../auth/signed-in.js';
import { Refusal } from '../errors.js';
import { pathIdSchema } from '../http/id.js';
import { IdempotencyKey, markReplayed, type RequestKey } from '../http/idempotency-key.js';
import { ZodPipe } from '../http/zod.pipe.js';
import type { Counts } from '../../library/inbox/inbox.js';
import type { State } from '../../library/inbox/states.js';
import { UsersService } from '../users/users.service.js';
import { InboxReader, type NotificationPage } from './inbox-reader.js';
import { KeyedNotifications } from './keyed-notifications.js';
import type { Notification } from './notification.js';
import { NotificationService } from './notification.service.js';
import { StrayPositions } from './stray-positions.js';
import {
  ackSchema,
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
    private readonly keyed: KeyedNotifications,
    private readonly users: UsersService,
  ) {}

  @Get()
  list(
    @CurrentUser() user: SignedIn,
    @Query(new StrayPositions(), new ZodPipe(listSchema)) query: ListQuery,
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
    @Param('id', new ZodPipe(pathIdSchema)) id: number,
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
  async send(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(sendSchema)) notification: NewNotification,
    @IdempotencyKey() key: RequestKey | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Notification> {
    const { message, type, data } = notification;
    const userId = await this.#recipient(notification);
    if (!key) return this.notifications.sendNotification(userId, message, { type, data });

    const request = { owner: user.id, ...key };
    const { answer, isReplayed } = await this.keyed.send(request, userId, message, { type, data });
    markReplayed(response, isReplayed);
    return answer;
  }

  async #recipient({ userId, email }: NewNotification): Promise<number> {
    if (userId !== undefined) return userId;
    const user = email === undefined ? null : await this.users.findByEmail(email);
    if (!user) throw new Refusal('not_found', 'There is no such user.');
    return user.id;
  }
}
