import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Inbox } from '../../library/inbox/inbox.js';
import { Store } from '../../library/store/store.js';
import { NotificationService } from '../notifications/notification.service.js';
import { InboxReader } from '../notifications/inbox-reader.js';
import { UsersService } from '../users/users.service.js';
import { say } from '../words/say.js';
import { Collected } from './collected.js';
import { conversationForAll } from './conversation-rows.js';
import { membersOf } from './members.js';
import { CONVERSATIONS_OPTIONS, type ConversationsOptions } from './options.js';

/**
 * One unread row in the inbox of each member who hasn't read what was said a moment ago: a member who was away finds it, and it
 * rings once, however much is said. A crash between costs the bell, and not the message.
 */
@Injectable()
export class Bells implements OnApplicationShutdown {
  readonly #logger = new Logger(Bells.name);
  readonly #due: Collected<number, true>;

  constructor(
    private readonly store: Store,
    private readonly inbox: Inbox,
    private readonly reader: InboxReader,
    private readonly notifications: NotificationService,
    private readonly users: UsersService,
    @Inject(CONVERSATIONS_OPTIONS) { limits }: ConversationsOptions,
  ) {
    this.#due = new Collected(
      limits.conversationBellMs,
      (id) => {
        this.#ring(id).catch((error: unknown) =>
          this.#logger.error('Members were not told in their inboxes of a message, which stands', error),
        );
      },
      () => true,
    );
  }

  said(conversationId: number): void {
    this.#due.add(conversationId, true);
  }

  /** What rang for it is read with it. @param from what was read before */
  async read(owner: { readonly id: number; readonly name: string }, id: number, from: number): Promise<void> {
    const [entry] = await this.inbox.findKeyed([{ owner: owner.id, dedupeKey: keyOf(id, from) }]);
    if (entry && entry.readAt === null) await this.reader.markAll(owner, { ids: [entry.id] }, 'read');
  }

  onApplicationShutdown(): void {
    this.#due.stop();
  }

  async #ring(id: number): Promise<void> {
    const rows = await conversationForAll(this.store.read, id);
    const members = (await membersOf(this.store.read, [id]))(id);
    const [newest] = rows.map(({ lastMessage }) => lastMessage);
    if (!newest) return;
    const sender = members.find(({ id: member }) => member === newest.senderId)?.name;
    const languageOf = await this.users.languagesOf(rows.map(({ memberId }) => memberId));
    const entries = rows
      .filter(({ unread, memberId }) => unread > 0 && memberId !== newest.senderId)
      .map(({ memberId, readSeq }) => {
        const language = languageOf(memberId);
        const senderName = sender ?? say(language, 'told.somebody');
        return {
          userId: memberId,
          // Without what was said: it may stand on a screen that others see.
          message: say(language, 'told.wrote', { name: senderName }),
          type: 'conversation.message',
          data: { conversationId: id, seq: newest.seq, senderId: newest.senderId, senderName },
          dedupeKey: keyOf(id, readSeq),
          supersedeKey: `conversation/${id}`,
        };
      });
    if (entries.length > 0) await this.notifications.sendNotifications(entries);
  }
}

function keyOf(conversationId: number, readSeq: number): string {
  return `conversation/${conversationId}/${readSeq}`;
}
