import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { SignedIn } from '../auth/signed-in.js';
import { ownerOf } from '../../library/store/owner.js';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import { Store } from '../../library/store/store.js';
import { UsersService } from '../users/users.service.js';
import { Bells } from './bells.js';
import { ConversationEvents } from './conversation-events.js';
import { ConversationLog } from './conversation-log.js';
import { conversationFor, type ConversationRow } from './conversation-rows.js';
import { lockConversations, noConversation } from './members.js';
import type { Reading } from './schemas.js';

/** How far somebody has read. */
export interface ReadTo {
  readonly readSeq: number;
  readonly unread: number;
}

/** How far each member has read, and how far messages have arrived: pointers that only move forward. */
@Injectable()
export class ReadReceipts {
  readonly #logger = new Logger(ReadReceipts.name);

  constructor(
    private readonly store: Store,
    private readonly users: UsersService,
    private readonly events: ConversationEvents,
    private readonly bells: Bells,
    log: ConversationLog,
  ) {
    log.onArrived(async (email, conversationId, upTo) => {
      const user = await this.users.findByEmail(email);
      if (user) await this.arrived(user, conversationId, upTo);
    });
  }

  /** @throws {Refusal} not_found */
  async read(reader: Pick<SignedIn, 'id' | 'name'>, conversationId: number, which: Reading): Promise<ReadTo> {
    const { before, after } = await this.store.write(async ({ manager }) => {
      const upTo = await lastOf(manager, conversationId, which);
      return move(manager, reader.id, conversationId, { readSeq: upTo, deliveredSeq: upTo });
    }, ownerOf(reader.id));
    const { readSeq, unread } = after;
    if (readSeq > before.readSeq) {
      this.events.read({ conversationId, userId: reader.id, from: before.readSeq, to: readSeq });
      this.#silence(reader, conversationId, before.readSeq);
    }
    return { readSeq, unread };
  }

  /** @throws {Refusal} not_found */
  async arrived(reader: Pick<SignedIn, 'id'>, conversationId: number, upTo: number): Promise<void> {
    const { before, after } = await this.store.write(
      ({ manager }) => move(manager, reader.id, conversationId, { readSeq: 0, deliveredSeq: upTo }),
      ownerOf(reader.id),
    );
    const [from, to] = [before.deliveredSeq, after.deliveredSeq];
    if (to > from) this.events.arrived({ conversationId, userId: reader.id, from, to });
  }

  /** The pointer has moved, whatever becomes of the bell. */
  #silence(reader: Pick<SignedIn, 'id' | 'name'>, conversationId: number, from: number): void {
    this.bells
      .read(reader, conversationId, from)
      .catch((error: unknown) => this.#logger.error('A row of an inbox stays unread', error));
  }
}

interface Moved {
  readonly before: Pick<ConversationRow, 'readSeq' | 'deliveredSeq'>;
  readonly after: ConversationRow;
}

/** Nothing beyond the newest message was seen by anybody. @throws {Refusal} not_found */
async function move(
  manager: EntityManager,
  userId: number,
  conversationId: number,
  to: Pick<ConversationRow, 'readSeq' | 'deliveredSeq'>,
): Promise<Moved> {
  await lockConversations(manager, [conversationId]);
  const before = await conversationFor(manager, userId, conversationId);
  if (!before) throw noConversation();
  const readSeq = Math.max(before.readSeq, Math.min(to.readSeq, before.lastSeq));
  const deliveredSeq = Math.max(before.deliveredSeq, Math.min(to.deliveredSeq, before.lastSeq));
  if (readSeq === before.readSeq && deliveredSeq === before.deliveredSeq) return { before, after: before };
  await rowsOf(
    manager,
    `update conversation_member set read_seq = $1, delivered_seq = $2
     where conversation_id = $3 and user_id = $4 and left_seq is null`,
    [readSeq, deliveredSeq, conversationId, userId],
  );
  return { before, after: (await conversationFor(manager, userId, conversationId)) ?? before };
}

async function lastOf(
  manager: EntityManager,
  conversationId: number,
  { upTo, messageIds }: Reading,
): Promise<number> {
  if (!messageIds) return upTo ?? Number.MAX_SAFE_INTEGER;
  const [found] = await rowsOf<{ seq: number | null }>(
    manager,
    `select max(seq) as seq from conversation_message
     where conversation_id = $1 and id in (select cast(value->>0 as bigint) from ${listsIn(manager, '$2')})`,
    [conversationId, JSON.stringify(messageIds.map((id) => [id]))],
  );
  return found?.seq ?? 0;
}
