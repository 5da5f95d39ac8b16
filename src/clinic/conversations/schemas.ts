import { z } from 'zod';
import { idSchema } from '../http/id.js';
import { cursor } from '../http/cursor.js';
import { maxMessageLength, maxTitleLength } from '../text-lengths.js';

/** PostgreSQL's text can't hold NUL. */
const withoutNul = /^[^\0]*$/;

const text = z.string().trim().min(1).max(maxMessageLength).regex(withoutNul, 'may not contain NUL');

const clientId = z
  .string()
  .regex(/^[^\0\p{Surrogate}]{1,64}$/u, 'must have 1 to 64 characters, without NUL')
  .describe('Of your choice: a message that is sent again with the same one is there once');

const ids = z.array(idSchema).min(1).max(1_000);

/** The body that begins a conversation. */
export const beginSchema = z.object({
  memberIds: ids.describe('The others; you are a member anyway'),
  title: z
    .string()
    .trim()
    .min(1)
    .max(maxTitleLength)
    .regex(withoutNul, 'may not contain NUL')
    .nullable()
    .default(null),
});

/** The body that adds members. */
export const membersSchema = z.object({ userIds: ids });

/** The body of a new message. */
export const messageDraftSchema = z.object({ text, clientId: clientId.optional() });

const upTo = z.int().min(0).describe('The `seq` of the newest one');

/** What was read: up to a number, these, or with neither all. */
export const readSchema = z
  .object({ upTo: upTo.optional(), messageIds: ids.optional() })
  .refine((which) => which.upTo === undefined || which.messageIds === undefined, {
    path: ['messageIds'],
    message: 'excludes upTo',
  })
  .default({});

/** The body that says up to where messages have arrived. */
export const deliveredSchema = z.object({ upTo });

const limit = z.coerce.number().int().min(1).default(50);

/** The query of a page of conversations. */
export const conversationListSchema = z.object({ after: z.string().max(64).optional(), limit });

/** The query of a page of messages. */
export const messageListSchema = z
  .object({ after: cursor.optional(), before: cursor.optional(), limit })
  .refine(({ after, before }) => after === undefined || before === undefined, {
    path: ['before'],
    message: 'excludes after: pages go one way',
  });

/** A conversation to be begun, as it was read. */
export type Beginning = z.infer<typeof beginSchema>;
/** Members to be added, as they were read. */
export type NewMembers = z.infer<typeof membersSchema>;
/** A new message as it was read. */
export type MessageText = z.infer<typeof messageDraftSchema>;
/** What a member has read. */
export type Reading = z.infer<typeof readSchema>;
/** Up to where messages have arrived. */
export type ArrivedUpTo = z.infer<typeof deliveredSchema>;
/** Which page of conversations is asked for. */
export type ConversationQuery = z.infer<typeof conversationListSchema>;
/** Which page of messages is asked for. */
export type MessageQuery = z.infer<typeof messageListSchema>;
