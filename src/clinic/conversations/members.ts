import type { EntityManager } from 'typeorm';
import { Refusal } from '../errors.js';
import { listsIn, rowsOf } from '../../library/store/rows.js';

/** Somebody who is in a conversation. */
export interface Member {
  readonly id: number;
  /** As in the user's addresses. */
  readonly email: string;
  readonly name: string;
  /** Up to here all was read, and has arrived. */
  readonly readSeq: number;
  readonly deliveredSeq: number;
  /** Null: never, or it wasn't noted. */
  readonly lastSeenAt: number | null;
}

/** The members of conversations by these; of one that was deleted, or never was, there are none. */
export async function membersOf(
  manager: EntityManager,
  conversationIds: readonly number[],
): Promise<(conversationId: number) => readonly Member[]> {
  const rows = await rowsOf<MemberRow>(
    manager,
    `select m.conversation_id, m.user_id, u.email, u.name, m.read_seq, m.delivered_seq, u.last_seen_at
     from conversation_member m join users u on u.id = m.user_id
     join conversation c on c.conversation_id = m.conversation_id
     where m.conversation_id in (select cast(value->>0 as bigint) from ${listsIn(manager, '$1')})
       and m.left_seq is null and c.deleted_at is null
     order by m.conversation_id, u.name, u.id`,
    [JSON.stringify([...new Set(conversationIds)].map((id) => [id]))],
  );
  const members = new Map<number, Member[]>();
  for (const row of rows) {
    const member = {
      ...{ id: row.user_id, email: row.email, name: row.name },
      ...{ readSeq: row.read_seq, deliveredSeq: row.delivered_seq, lastSeenAt: row.last_seen_at },
    };
    const known = members.get(row.conversation_id);
    if (known) known.push(member);
    else members.set(row.conversation_id, [member]);
  }
  return (conversationId) => members.get(conversationId) ?? [];
}

interface MemberRow {
  readonly conversation_id: number;
  readonly user_id: number;
  readonly email: string;
  readonly name: string;
  readonly read_seq: number;
  readonly delivered_seq: number;
  readonly last_seen_at: number | null;
}

/**
 * Until the end of the transaction nobody joins or leaves these, and nothing is said in them: on PostgreSQL others wait, in
 * ascending order so that no two wait for each other; on SQLite there are none.
 */
export async function lockConversations(manager: EntityManager, ids: readonly number[]): Promise<void> {
  if (manager.connection.options.type !== 'postgres') return;
  const sql =
    'select 1 from conversation where conversation_id = any($1) order by conversation_id for update';
  await rowsOf(manager, sql, [[...new Set(ids)]]);
}

/** Another's conversation is as if it weren't there: its number says nothing to others. */
export function noConversation(): Refusal {
  return new Refusal('not_found', 'There is no such conversation.');
}
