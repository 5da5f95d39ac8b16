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

export const membersSchema = z.object({ userIds: ids });

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

export const deliveredSchema = z.object({ upTo });

const limit = z.coerce.number().int().min(1).default(50);

export const conversationListSchema = z.object({ after: z.string().max(64).optional(), limit });

export const messageListSchema = z
  .object({ after: cursor.optional(), before: cursor.optional(), limit })
  .refine(({ after, before }) => after === undefined || before === undefined, {
    path: ['before'],
    message: 'excludes after: pages go one way',
  });

export type Beginning = z.infer<typeof beginSchema>;
export type NewMembers = z.infer<typeof membersSchema>;
export type MessageText = z.infer<typeof messageDraftSchema>;
export type Reading = z.infer<typeof readSchema>;
export type Arrival = z.infer<typeof deliveredSchema>;
export type ConversationQuery = z.infer<typeof conversationListSchema>;
export type MessageQuery = z.infer<typeof messageListSchema>;
