import { z } from 'zod';
import { cursorOf, type Cursor } from '../../library/broker/cursor.js';
import { instant, type AnswerOf } from '../http/answer.js';
import { cursor } from '../http/cursor.js';
import { idSchema } from '../http/id.js';
import type { Member } from './members.js';

/** What somebody said in a conversation, as every transport shows it, in JSON. */
export const messageSchema = z.object({
  id: idSchema,
  conversationId: idSchema,
  seq: z.int().positive().describe('In the order of commits, without holes, one conversation each'),
  senderId: idSchema,
  senderName: z.string(),
  text: z.string(),
  clientId: z.string().nullable().describe('What its sender called it'),
  createdAt: instant,
  cursor,
  status: z.enum(['sent', 'delivered', 'read']).describe('`delivered`, `read`: by every other member'),
});

/** A message of a conversation as the API shows it. */
export type ConversationMessage = AnswerOf<typeof messageSchema, 'createdAt'>;

/** A message as its row is. */
export interface StoredMessage extends Cursor {
  readonly id: number;
  readonly conversationId: number;
  readonly senderId: number;
  readonly text: string;
  /** @see dedupeKeyOf */
  readonly dedupeKey: string | null;
  readonly createdAt: Date;
}

/** @param members those who are in the conversation now */
export function messageOf(
  stored: StoredMessage,
  senderName: string,
  members: readonly Member[],
): ConversationMessage {
  const { id, conversationId, seq, senderId, text, createdAt } = stored;
  return {
    id,
    conversationId,
    seq,
    senderId,
    senderName,
    text,
    clientId: clientIdOf(stored),
    createdAt,
    cursor: cursorOf(stored),
    status: statusOf(stored, members),
  };
}

function statusOf(
  { seq, senderId }: StoredMessage,
  members: readonly Member[],
): ConversationMessage['status'] {
  const others = members.filter(({ id }) => id !== senderId);
  if (others.length === 0) return 'sent';
  if (others.every(({ readSeq }) => readSeq >= seq)) return 'read';
  return others.every(({ deliveredSeq }) => deliveredSeq >= seq) ? 'delivered' : 'sent';
}

/** By which a message is there once: what two people call theirs has nothing to do with each other. */
export function dedupeKeyOf(senderId: number, clientId: string): string {
  return `${senderId}/${clientId}`;
}

function clientIdOf({ senderId, dedupeKey }: StoredMessage): string | null {
  const start = dedupeKeyOf(senderId, '');
  return dedupeKey?.startsWith(start) ? dedupeKey.slice(start.length) : null;
}
