import { z } from 'zod';
import { cursorOf } from '../../library/broker/cursor.js';
import { instant, type AnswerOf } from '../http/answer.js';
import { cursor } from '../http/cursor.js';
import { idSchema } from '../http/id.js';
import type { ConversationRow } from './conversation-rows.js';
import type { Member } from './members.js';
import type { ShownPresence } from './presence.js';
import { messageOf, messageSchema, type ConversationMessage } from './message.js';

/** A conversation as one of its members sees it, in JSON. */
export const conversationSchema = z.object({
  id: idSchema,
  title: z.string().nullable(),
  members: z
    .array(
      z.object({
        id: idSchema,
        name: z.string(),
        isOnline: z.boolean().optional().describe('With `PRESENCE=true`'),
        lastSeenAt: instant.nullable().optional().describe('With `PRESENCE=true`; null for never'),
      }),
    )
    .describe('You too'),
  createdBy: idSchema.describe('Who may delete it, and send others away'),
  lastSeq: z.int().min(0).describe('The `seq` of the newest message; 0 for none'),
  readSeq: z.int().min(0).describe('Up to here you have read'),
  unread: z.int().min(0),
  cursor: cursor.describe('The head: what comes after it is new'),
  updatedAt: instant.describe('Of the newest message, or of a change of the members'),
  lastMessage: messageSchema.nullable(),
});

/** A conversation as one member sees it. */
export type Conversation = Omit<AnswerOf<typeof conversationSchema, 'updatedAt'>, 'lastMessage'> & {
  readonly lastMessage: ConversationMessage | null;
};

/** A conversation's row as one member sees it. @param seen what they know of each other */
export function conversationOf(
  row: ConversationRow,
  members: readonly Member[],
  seen: (member: Member) => ShownPresence,
): Conversation {
  const { id, epoch, lastSeq, lastMessage } = row;
  return {
    id,
    title: row.title,
    members: members.map((member) => ({ id: member.id, name: member.name, ...seen(member) })),
    createdBy: row.createdBy,
    lastSeq,
    readSeq: row.readSeq,
    unread: row.unread,
    cursor: cursorOf({ epoch, seq: lastSeq }),
    updatedAt: row.updatedAt,
    lastMessage: lastMessage && messageOf(lastMessage, row.lastSenderName, members),
  };
}

/** A conversation as JSON kept it. */
export function revivedConversation(json: unknown): Conversation {
  const { updatedAt, lastMessage, ...rest } = json as z.output<typeof conversationSchema>;
  return {
    ...rest,
    updatedAt: new Date(updatedAt),
    lastMessage: lastMessage && { ...lastMessage, createdAt: new Date(lastMessage.createdAt) },
  };
}
