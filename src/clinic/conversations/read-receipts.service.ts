import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { SignedIn } from '../auth/signed-in.js';
import { ownerOf } from '../../library/store/owner.js';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import { Store } from '../../library/store/store.js';
import { conversationFor } from './conversation-rows.js';
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
  constructor(private readonly store: Store) {}

  /** @throws {Refusal} not_found */
  async read(reader: SignedIn, conversationId: number, which: Reading): Promise<ReadTo> {
    return this.store.write(async ({ manager }) => {
      const upTo = await lastOf(manager, conversationId, which);
      await this.#move(manager, reader, conversationId, { readSeq: upTo, deliveredSeq: upTo });
      const seen = await conversationFor(manager, reader.id, conversationId);
      if (!seen) throw noConversation();
      return { readSeq: seen.readSeq, unread: seen.unread };
    }, ownerOf(reader.id));
  }

  /** @throws {Refusal} not_found */
  async arrived(reader: Pick<SignedIn, 'id'>, conversationId: number, upTo: number): Promise<void> {
    await this.store.write(
      ({ manager }) => this.#move(manager, reader, conversationId, { readSeq: 0, deliveredSeq: upTo }),
      ownerOf(reader.id),
    );
  }

  /** Nothing beyond the newest message was seen by anybody. @throws {Refusal} not_found */
  async #move(
    manager: EntityManager,
    { id }: Pick<SignedIn, 'id'>,
    conversationId: number,
    { readSeq, deliveredSeq }: { readonly readSeq: number; readonly deliveredSeq: number },
  ): Promise<void> {
    await lockConversations(manager, [conversationId]);
    const seen = await conversationFor(manager, id, conversationId);
    if (!seen) throw noConversation();
    const { lastSeq } = seen;
    await rowsOf(
      manager,
      `update conversation_member set
         read_seq = case when read_seq < $1 then $2 else read_seq end,
         delivered_seq = case when delivered_seq < $3 then $4 else delivered_seq end
       where conversation_id = $5 and user_id = $6 and left_seq is null and (read_seq < $7 or delivered_seq < $8)`,
      [readSeq, readSeq, deliveredSeq, deliveredSeq]
        .map((seq) => Math.min(seq, lastSeq))
        .concat(conversationId, id, Math.min(readSeq, lastSeq), Math.min(deliveredSeq, lastSeq)),
    );
  }
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
