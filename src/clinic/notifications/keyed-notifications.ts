import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Refusal } from '../errors.js';
import type { Entry } from '../../library/inbox/entry.js';
import { Inbox, type EntryKey } from '../../library/inbox/inbox.js';
import { KeptAnswers, type Kept, type KeyedRequest } from '../../library/store/kept-answers.js';
import { notificationOf, type Notification } from './notification.js';
import { NotificationService, type NewEntry } from './notification.service.js';

/** Sends notifications once, however often it is asked for with the same key. */
@Injectable()
export class KeyedNotifications {
  constructor(
    private readonly answers: KeptAnswers,
    private readonly notifications: NotificationService,
    private readonly inbox: Inbox,
  ) {}

  /**
   * All of them, or none.
   * @throws {Refusal} not_found: there is no such user; idempotency_conflict
   */
  async send(
    request: KeyedRequest,
    entries: readonly Omit<NewEntry, 'dedupeKey'>[],
  ): Promise<Kept<Notification[]>> {
    const { answer: sent, isReplayed } = await this.answers.once(
      request,
      async (tx) => {
        // The rows get their numbers only when the unit has ended: what is kept are names to find them by.
        const names: EntryKey[] = [];
        for (const { userId, message, ...options } of entries) {
          const name = { owner: userId, dedupeKey: `keyed/${randomUUID()}` };
          await this.notifications.sendNotification(userId, message, {
            ...options,
            tx,
            dedupeKey: name.dedupeKey,
          });
          names.push(name);
        }
        return names;
      },
      (json) => [json].flat() as EntryKey[],
    );
    const found = await this.inbox.findKeyed(sent);
    return { answer: found.map(untouched), isReplayed };
  }
}

/** As it was answered at first, whatever its reader has done with it since. */
function untouched(entry: Entry | undefined): Notification {
  if (!entry) throw new Refusal('not_found', 'It was sent, and is too old to be shown by now.');
  return notificationOf({ ...entry, seenAt: null, readAt: null, archivedAt: null, deliveredAt: null });
}
