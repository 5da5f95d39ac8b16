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
  batchSchema,
  listSchema,
  marksSchema,
  readAllSchema,
  sendSchema,
  type Ack,
  type NotificationQuery,
  type NewNotification,
  type NewNotifications,
  type ReadAll,
} from './schemas.js';

/** REST of inboxes. */
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
    @Query(new StrayPositions(), new ZodPipe(listSchema)) query: NotificationQuery,
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
  ack(@CurrentUser() user: SignedIn, @Body(new ZodPipe(ackSchema)) rows: Ack): Promise<void> {
    return this.inbox.acknowledge(user.id, rows);
  }

  @Post()
  @Roles('operator')
  async send(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(sendSchema)) notification: NewNotification,
    @IdempotencyKey() key: RequestKey | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Notification> {
    const [sent] = await this.#send(user, [notification], key, response);
    // One was asked for, so there is one.
    return sent as Notification;
  }

  @Post('batch')
  @Roles('operator')
  async sendBatch(
    @CurrentUser() user: SignedIn,
    @Body(new ZodPipe(batchSchema)) { items }: NewNotifications,
    @IdempotencyKey() key: RequestKey | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<{ items: Notification[] }> {
    return { items: await this.#send(user, items, key, response) };
  }

  async #send(
    user: SignedIn,
    items: readonly NewNotification[],
    key: RequestKey | undefined,
    response: Response,
  ): Promise<Notification[]> {
    const ids = await this.#idsOf(items);
    const entries = items.map(({ userId, email = '', message, type, data }) => ({
      userId: userId ?? found(ids.get(email.toLowerCase())),
      message,
      type,
      data,
    }));
    if (!key) return this.notifications.sendNotifications(entries, user.id);

    const { answer, isReplayed } = await this.keyed.send({ owner: user.id, ...key }, entries);
    markReplayed(response, isReplayed);
    return answer;
  }

  /** Of those who are named by their addresses, in lower case. */
  async #idsOf(items: readonly NewNotification[]): Promise<ReadonlyMap<string, number>> {
    const emails = items.flatMap(({ email }) => email?.toLowerCase() ?? []);
    return emails.length > 0 ? this.users.idsOf([...new Set(emails)]) : new Map();
  }
}

function found(userId: number | undefined): number {
  if (userId === undefined) throw new Refusal('not_found', 'There is no such user.');
  return userId;
}
