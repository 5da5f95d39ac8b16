import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Refusal } from '../errors.js';
import { Inbox, type EntryKey } from '../../library/inbox/inbox.js';
import { KeptAnswers, type Kept, type KeyedRequest } from '../../library/store/kept-answers.js';
import { notificationOf, type Notification } from './notification.js';
import { NotificationService, type NotificationOptions } from './notification.service.js';

/** Sends a notification once, however often it is asked for with the same key. */
@Injectable()
export class KeyedNotifications {
  constructor(
    private readonly answers: KeptAnswers,
    private readonly notifications: NotificationService,
    private readonly inbox: Inbox,
  ) {}

  /** @throws {Refusal} not_found: there is no such user; idempotency_conflict */
  async send(
    request: KeyedRequest,
    userId: number,
    message: string,
    options: Omit<NotificationOptions, 'dedupeKey'>,
  ): Promise<Kept<Notification>> {
    const { answer: sent, isReplayed } = await this.answers.once(
      request,
      async (tx) => {
        // The row gets its number only when the unit has ended: what is kept is a name to find it by.
        const name: EntryKey = { owner: userId, dedupeKey: `keyed/${randomUUID()}` };
        await this.notifications.sendNotification(userId, message, {
          ...options,
          tx,
          dedupeKey: name.dedupeKey,
        });
        return name;
      },
      (json) => json as EntryKey,
    );
    const [entry] = await this.inbox.findKeyed([sent]);
    if (!entry) throw new Refusal('not_found', 'It was sent, and is too old to be shown by now.');
    // As it was answered at first, whatever its reader has done with it since.
    const untouched = { seenAt: null, readAt: null, archivedAt: null, deliveredAt: null };
    return { answer: notificationOf({ ...entry, ...untouched }), isReplayed };
  }
}
