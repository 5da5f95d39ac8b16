import type { EntityManager } from 'typeorm';
import type { Place } from '../http/place.js';
import { rowsOf } from '../../library/store/rows.js';
import type { StoredMessage } from './message.js';

/** A conversation, and what one of its members has of it. */
export interface ConversationRow {
  readonly id: number;
  readonly epoch: string;
  readonly lastSeq: number;
  readonly title: string | null;
  readonly createdBy: number;
  readonly updatedAt: Date;
  readonly memberId: number;
  readonly readSeq: number;
  readonly deliveredSeq: number;
  readonly unread: number;
  readonly lastMessage: StoredMessage | null;
  /** Empty where nothing was said. */
  readonly lastSenderName: string;
}

/** Undefined where there is no such conversation, or somebody else's. */
export async function conversationFor(
  manager: EntityManager,
  memberId: number,
  id: number,
): Promise<ConversationRow | undefined> {
  const sql = `${SEEN} and m.user_id = $1 and m.conversation_id = $2`;
  const [row] = await rowsOf<SeenRow>(manager, sql, [memberId, id]);
  return row && rowOf(row);
}

/** Of one member, the newest first, behind a place. */
export async function conversationsFor(
  manager: EntityManager,
  memberId: number,
  after: Place | undefined,
  limit: number,
): Promise<ConversationRow[]> {
  const behind = after ? 'where updated_at < $2 or (updated_at = $3 and conversation_id < $4)' : '';
  const rows = await rowsOf<SeenRow>(
    manager,
    `select * from (${SEEN} and m.user_id = $1) as seen ${behind}
     order by updated_at desc, conversation_id desc limit ${limit}`,
    [memberId, ...(after ? [after.at.getTime(), after.at.getTime(), after.id] : [])],
  );
  return rows.map(rowOf);
}

/** Of each member one. */
export async function conversationForAll(manager: EntityManager, id: number): Promise<ConversationRow[]> {
  const rows = await rowsOf<SeenRow>(manager, `${SEEN} and m.conversation_id = $1`, [id]);
  return rows.map(rowOf);
}

/** Numbers have no holes, so what is unread needs no counting, but for what its reader has said. */
const READ_TO = 'case when m.read_seq > c.pruned_seq then m.read_seq else c.pruned_seq end';

const SEEN = `
  select c.conversation_id, c.epoch, c.last_seq, c.title, c.created_by, m.user_id, m.read_seq, m.delivered_seq,
    case when n.created_at > c.updated_at then n.created_at else c.updated_at end as updated_at,
    c.last_seq - ${READ_TO} - (
      select count(*) from conversation_message own
      where own.conversation_id = m.conversation_id and own.sender_id = m.user_id and own.seq > ${READ_TO}
    ) as unread,
    n.id, n.seq, n.sender_id, n.text, n.dedupe_key, n.created_at, u.name as sender_name
  from conversation_member m
  join conversation c on c.conversation_id = m.conversation_id and c.deleted_at is null
  left join conversation_message n on n.conversation_id = c.conversation_id and n.seq = c.last_seq
  left join users u on u.id = n.sender_id
  where m.left_seq is null`;

interface SeenRow {
  readonly conversation_id: number;
  readonly epoch: string;
  readonly last_seq: number;
  readonly title: string | null;
  readonly created_by: number;
  readonly user_id: number;
  readonly read_seq: number;
  readonly delivered_seq: number;
  readonly updated_at: number;
  readonly unread: number;
  readonly id: number | null;
  readonly seq: number;
  readonly sender_id: number;
  readonly text: string;
  readonly dedupe_key: string | null;
  readonly created_at: number;
  readonly sender_name: string | null;
}

function rowOf(row: SeenRow): ConversationRow {
  const { conversation_id: id, epoch } = row;
  return {
    id,
    epoch,
    lastSeq: row.last_seq,
    title: row.title,
    createdBy: row.created_by,
    updatedAt: new Date(row.updated_at),
    memberId: row.user_id,
    readSeq: row.read_seq,
    deliveredSeq: row.delivered_seq,
    unread: row.unread,
    lastMessage:
      row.id === null
        ? null
        : {
            id: row.id,
            conversationId: id,
            epoch,
            seq: row.seq,
            senderId: row.sender_id,
            text: row.text,
            dedupeKey: row.dedupe_key,
            createdAt: new Date(row.created_at),
          },
    lastSenderName: row.sender_name ?? '',
  };
}
