import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { MessagingTemplate } from '../../library/nest/template.js';
import { rowsOf } from '../../library/store/rows.js';
import { Store } from '../../library/store/store.js';
import { Collected } from './collected.js';
import { addressOf } from './conversation-address.js';
import { conversationOf } from './conversation.js';
import { conversationForAll, type ConversationRow } from './conversation-rows.js';
import { membersOf, type Member } from './members.js';
import type { ConversationMessage } from './message.js';
import type { AddedMessage } from './message-table.js';
import { Presence } from './presence.js';
import { CONVERSATIONS_OPTIONS, type ConversationsOptions } from './options.js';

/** Where members are told, below `/user`. */
export const CONVERSATIONS_DESTINATION = '/queue/conversations';

/** What members are told of, on every transport. */
export type ConversationEvent =
  | 'new-message'
  | 'messages-read'
  | 'messages-delivered'
  | 'conversation-updated'
  | 'conversation-deleted'
  | 'user-typing'
  | 'user-stop-typing';

/** A pointer that moved: behind `from`, up to `to`. */
interface Moved {
  readonly conversationId: number;
  readonly userId: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Tells every member, on all that they have open, what has been committed. Nothing of it is kept: what was missed is read
 * from the rows.
 */
@Injectable()
export class ConversationEvents implements OnApplicationShutdown {
  readonly #logger = new Logger(ConversationEvents.name);
  readonly #changed: Collected<number, true>;
  readonly #read: Collected<string, Moved>;
  readonly #arrived: Collected<string, Moved>;

  constructor(
    private readonly store: Store,
    private readonly template: MessagingTemplate,
    private readonly presence: Presence,
    @Inject(CONVERSATIONS_OPTIONS) { limits }: ConversationsOptions,
  ) {
    const collected = <Key, Value>(
      tell: (key: Key, value: Value) => Promise<void>,
      join: (earlier: Value, later: Value) => Value,
    ) => new Collected(limits.conversationNewsMs, this.#logged(tell), join);
    this.#changed = collected<number, true>(
      (id) => this.#tellChanged(id),
      () => true,
    );
    this.#read = collected<string, Moved>((_, moved) => this.#tellRead(moved, limits.readIds), both);
    this.#arrived = collected<string, Moved>((_, moved) => this.#tellArrived(moved), both);
  }

  /** To be called after COMMIT, in the order of numbers. */
  said(added: AddedMessage, message: ConversationMessage): void {
    const { conversationId } = message;
    const emails = added.members.map(({ email }) => email);
    this.tell(emails, 'new-message', { conversationId, message });
    this.template
      .toUsers(emails)
      .at(added)
      .convertAndSend(addressOf(conversationId), message, { 'event-type': 'message' });
    this.changed(conversationId);
  }

  /** Of a message, of members: each hears it with what is unread to them. */
  changed(conversationId: number): void {
    this.#changed.add(conversationId, true);
  }

  read(moved: Moved): void {
    this.#read.add(keyOf(moved), moved);
    this.changed(moved.conversationId);
  }

  arrived(moved: Moved): void {
    this.#arrived.add(keyOf(moved), moved);
  }

  /** It is gone, for these. */
  deleted(conversationId: number, members: readonly Pick<Member, 'email'>[]): void {
    this.tell(
      members.map(({ email }) => email),
      'conversation-deleted',
      { conversationId },
    );
  }

  tell(emails: readonly string[], name: ConversationEvent, body: object): void {
    this.template.convertAndSendToUsers(emails, CONVERSATIONS_DESTINATION, body, { 'event-type': name });
  }

  onApplicationShutdown(): void {
    for (const collected of [this.#changed, this.#read, this.#arrived]) collected.stop();
  }

  async #tellChanged(id: number): Promise<void> {
    const rows = await conversationForAll(this.store.read, id);
    const members = (await membersOf(this.store.read, [id]))(id);
    const emails = new Map(members.map((member) => [member.id, member.email]));
    for (const alike of seenAlike(rows)) {
      const [row] = alike;
      if (!row) continue;
      const told = alike.flatMap(({ memberId }) => emails.get(memberId) ?? []);
      const body = {
        conversationId: id,
        conversation: conversationOf(row, members, (member) => this.presence.of(member)),
      };
      this.tell(told, 'conversation-updated', body);
    }
  }

  async #tellRead({ conversationId, userId, from, to }: Moved, most: number): Promise<void> {
    const rows = await rowsOf<{ id: number }>(
      this.store.read,
      `select id from conversation_message
       where conversation_id = $1 and seq > $2 and seq <= $3 and sender_id <> $4 order by seq desc limit ${most}`,
      [conversationId, from, to, userId],
    );
    const messageIds = rows.map(({ id }) => id).toReversed();
    const body = { conversationId, messageIds, readBy: userId, upTo: to };
    this.tell(await this.#emailsIn(conversationId), 'messages-read', body);
  }

  async #tellArrived({ conversationId, userId, to }: Moved): Promise<void> {
    const body = { conversationId, upTo: to, userId };
    this.tell(await this.#emailsIn(conversationId), 'messages-delivered', body);
  }

  async #emailsIn(conversationId: number): Promise<string[]> {
    const members = await membersOf(this.store.read, [conversationId]);
    return members(conversationId).map(({ email }) => email);
  }

  #logged<Key, Value>(tell: (key: Key, value: Value) => Promise<void>): (key: Key, value: Value) => void {
    return (key, value) => {
      tell(key, value).catch((error: unknown) =>
        this.#logger.error('Members were not told of a change, which stands', error),
      );
    };
  }
}

/** Rows of one conversation, by all that differs between what its members see. */
function seenAlike(rows: readonly ConversationRow[]): Iterable<readonly ConversationRow[]> {
  const alike = new Map<string, ConversationRow[]>();
  for (const row of rows) {
    const key = `${row.readSeq}/${row.unread}`;
    const known = alike.get(key);
    if (known) known.push(row);
    else alike.set(key, [row]);
  }
  return alike.values();
}

function keyOf({ conversationId, userId }: Moved): string {
  return `${conversationId}/${userId}`;
}

function both(earlier: Moved, later: Moved): Moved {
  return { ...later, from: Math.min(earlier.from, later.from), to: Math.max(earlier.to, later.to) };
}
