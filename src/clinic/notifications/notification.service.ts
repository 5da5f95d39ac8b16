import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Refusal } from '../errors.js';
import type { AddedEntry } from '../../library/inbox/entry.js';
import { MessagingTemplate } from '../../library/nest/template.js';
import { ownerOf } from '../../library/store/owner.js';
import { Store } from '../../library/store/store.js';
import type { Transaction } from '../../library/store/transaction.js';
import { AlertOutbox } from '../delivery/outbox.service.js';
import { UsersService } from '../users/users.service.js';
import { InboxNews, type InboxOwner } from './inbox-news.js';
import { headersOf, notificationOf, type Notification } from './notification.js';
import { NOTIFICATIONS_OPTIONS, type NotificationsOptions } from './options.js';

/** What a notification may have beside its text. */
export interface NotificationOptions {
  /** `[a-z0-9_.-]`, 64 characters at most. Default `message`. */
  readonly type?: string;
  /** For programs: what JSON can hold. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Of two notifications to a user with the same key only the first exists. */
  readonly dedupeKey?: string;
  /** Of those of a user with the same key only the newest stays unread. */
  readonly supersedeKey?: string;
  /** Other keys whose older ones are read by this one's coming as well: what it says makes them untrue. */
  readonly supersedes?: readonly string[];
}

/** One notification that is to be sent. */
export interface NewEntry extends NotificationOptions {
  readonly userId: number;
  readonly message: string;
}

/** Tells users: a row in the inbox first, then a push to every device that is there. */
@Injectable()
export class NotificationService {
  /** Recipients whose rows were committed: looking each up anew would be a query of its own on the one write lane. */
  readonly #known: LRUCache<number, InboxOwner>;

  constructor(
    private readonly store: Store,
    private readonly outbox: AlertOutbox,
    private readonly users: UsersService,
    private readonly template: MessagingTemplate,
    private readonly news: InboxNews,
    @Inject(NOTIFICATIONS_OPTIONS) { limits }: NotificationsOptions,
  ) {
    this.#known = new LRUCache({ max: limits.recipients, ttl: limits.recipientsMs });
    users.onReaddressed((userId) => this.#known.delete(userId));
  }

  /**
   * Within a unit of work, the notification is committed with it or not at all, and pushed after the commit.
   * Without, it resolves with the committed notification.
   * @throws {Refusal} not_found: there is no such user
   */
  sendNotification(
    userId: number,
    message: string,
    options: NotificationOptions & { readonly tx: Transaction },
  ): Promise<void>;
  sendNotification(userId: number, message: string, options?: NotificationOptions): Promise<Notification>;
  async sendNotification(
    userId: number,
    message: string,
    { tx, ...options }: NotificationOptions & { readonly tx?: Transaction } = {},
  ): Promise<Notification | void> {
    if (tx) return this.#append(tx, userId, message, options, () => undefined);

    const [committed] = await this.sendNotifications([{ userId, message, ...options }]);
    return committed;
  }

  /**
   * Several at once: all of them are committed, or none is.
   * @param sender whose turn it takes where changes wait; undefined is the application itself
   * @returns the committed ones, in the order in which they were given
   * @throws {Refusal} not_found: there is no such user
   */
  async sendNotifications(entries: readonly NewEntry[], sender?: number): Promise<Notification[]> {
    const committed: Notification[] = [];
    await this.store.write(
      async (tx) => {
        for (const [i, { userId, message, ...options }] of entries.entries())
          await this.#append(tx, userId, message, options, (notification) => (committed[i] = notification));
      },
      sender === undefined ? undefined : ownerOf(sender),
    );
    return committed;
  }

  async #append(
    tx: Transaction,
    userId: number,
    message: string,
    { type = 'message', data = {}, dedupeKey, supersedeKey, supersedes }: NotificationOptions,
    committed: (notification: Notification) => void,
  ): Promise<void> {
    const owner = this.#known.get(userId) ?? (await this.#find(tx, userId));
    const draft = {
      owner: userId,
      type,
      message,
      data,
      ...(dedupeKey !== undefined && { dedupeKey }),
      ...(supersedeKey !== undefined && { supersedeKey }),
      ...(supersedes && { supersedes }),
    };
    tx.append(this.outbox, draft, (entry, outcome) => {
      const notification = notificationOf(entry);
      // Not before: what a unit sees that is rolled back never was, and its ids are given again.
      this.#known.set(userId, owner);
      if (outcome === 'added') this.#push(owner, entry, notification);
      committed(notification);
    });
  }

  async #find(tx: Transaction, userId: number): Promise<InboxOwner> {
    const user = await this.users.find(userId, tx.manager);
    if (user) return { id: userId, name: user.email };
    throw new Refusal('not_found', 'There is no such user.');
  }

  #push(owner: InboxOwner, entry: AddedEntry, notification: Notification): void {
    const { superseded } = entry;
    this.template
      .at(entry)
      .convertAndSendToUser(owner.name, '/queue/notifications', notification, headersOf(notification));
    this.news.tell(owner, ...(superseded ? [{ ids: superseded, state: 'read' } as const] : []));
  }
}
