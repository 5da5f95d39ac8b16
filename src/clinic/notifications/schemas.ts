import { z } from 'zod';
import { cursor } from '../http/cursor.js';
import { idSchema } from '../http/id.js';
import type { State } from '../../library/inbox/states.js';

const filter = z.enum(['all', 'unread', 'archived']);

/** One text, as long as a person reads. PostgreSQL's text can't hold NUL. */
const message = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .regex(/^[^\0]*$/, 'may not contain NUL');

const page = z.object({
  after: cursor.optional(),
  before: cursor.optional(),
  limit: z.coerce.number().int().min(1).default(50),
});

const isOneWay = ({ after, before }: { readonly after?: unknown; readonly before?: unknown }): boolean =>
  after === undefined || before === undefined;
const twoWays = { path: ['before'], message: 'excludes after: pages go one way' };

/** The query of a page. */
export const pageSchema = page.refine(isOneWay, twoWays);

/** The query of a page of an inbox. */
export const listSchema = page.extend({ filter: filter.default('all') }).refine(isOneWay, twoWays);

/** What a PATCH asks for, as states of the inbox, in the order in which they are brought about. */
export const marksSchema = z
  .object({
    isSeen: z.boolean().optional(),
    isRead: z.boolean().optional(),
    isArchived: z.boolean().optional(),
  })
  .refine(({ isSeen, isRead }) => !(isRead === true && isSeen === false), {
    path: ['isSeen'],
    message: 'what is read was seen',
  })
  .transform(({ isSeen, isRead, isArchived }): State[] => [
    ...stateIf(isSeen, 'seen', 'unseen'),
    ...stateIf(isRead, 'read', 'unread'),
    ...stateIf(isArchived, 'archived', 'unarchived'),
  ]);

/** What was shown: a list, up to a cursor. */
export const readAllSchema = z.object({ upTo: cursor, filter: filter.optional() });

/** Of a notification or an event. */
const type = z.string().regex(/^[a-z0-9_.-]{1,64}$/, 'must be of a-z 0-9 _ . -, 64 at most');

const data = z
  .record(z.string(), z.json())
  .refine((value) => JSON.stringify(value).length <= 16_384, 'must be 16 KiB of JSON at most')
  .default({});

/** The body that makes a notification. */
export const sendSchema = z
  .object({
    userId: idSchema.optional(),
    email: z
      .string()
      .max(254)
      .regex(/^[^\0]*$/, 'may not contain NUL')
      .optional(),
    message,
    type: type.default('message'),
    data,
  })
  .refine(({ userId, email }) => (userId === undefined) !== (email === undefined), {
    path: ['userId'],
    message: 'name the user by userId or by email',
  });

/** What a sync brings at once. */
export const batchSchema = z.object({ items: z.array(sendSchema).min(1).max(1_000) });

/** To everybody who asks for that type. */
export const eventSchema = z.object({ type, data });

/** The body of an announcement. */
export const announcementSchema = z.object({ message });

const someRows = z.object({ ids: z.array(idSchema).min(1).max(1_000) });

/** The body that says what has arrived: some rows, or all up to a cursor. */
export const ackSchema = z.union([someRows, z.object({ upTo: cursor })]);

/** What `/app/notifications.*` are sent: some rows, or all up to a cursor. */
export const selectionSchema = z.union([someRows, readAllSchema]);

/** A plain address: patterns are for those who speak STOMP. */
export const topicSchema = z.object({
  topic: z
    .string()
    .max(1_000)
    .regex(/^\/topic\/[^*\0]+$/, 'must be a topic, such as /topic/announcements'),
});

/** Which page of an inbox is asked for. */
export type NotificationQuery = z.infer<typeof listSchema>;
/** Which entries are to be marked read at once. */
export type ReadAll = z.infer<typeof readAllSchema>;
/** Which entries have arrived. */
export type Ack = z.infer<typeof ackSchema>;
/** A notification to be made, as it was read. */
export type NewNotification = z.infer<typeof sendSchema>;
/** Several notifications to be made in one transaction, as they were read. */
export type NewNotifications = z.infer<typeof batchSchema>;
/** Which page of announcements is asked for. */
export type AnnouncementQuery = z.infer<typeof pageSchema>;
/** An announcement to be made, as it was read. */
export type Announcement = z.infer<typeof announcementSchema>;
/** An event for the listeners to its type, as it was read. */
export type NewEvent = z.infer<typeof eventSchema>;
/** What an event stream is asked to follow. */
export type Topic = z.infer<typeof topicSchema>;
/** Which entries are to be marked, and how. */
export type MarkedRows = z.infer<typeof selectionSchema>;

function stateIf(wish: boolean | undefined, yes: State, no: State): State[] {
  return wish === undefined ? [] : [wish ? yes : no];
}
