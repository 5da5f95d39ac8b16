import { z } from 'zod';
import { cursorOf } from '../../library/broker/cursor.js';
import type { Entry } from '../../library/inbox/entry.js';
import { instant, type AnswerOf } from '../http/answer.js';
import { cursor } from '../http/cursor.js';
import { idSchema } from '../http/id.js';

/** A notification as every transport shows it, in JSON. Existing clients know the first five members. */
export const notificationSchema = z.object({
  id: idSchema,
  userId: idSchema,
  message: z.string().describe("For people, in the clinic's words"),
  isRead: z.boolean(),
  timestamp: instant,
  type: z
    .string()
    .regex(/^[a-z0-9_.-]{1,64}$/)
    .describe(
      '`appointment.created`, `.updated`, `.rescheduled`, `.status_changed`, `.cancelled`, `message`, …',
    ),
  data: z.record(z.string(), z.unknown()).describe('For programs: what the message says to people'),
  cursor,
  seq: z.int().positive().describe('In the order of commits, without holes, one inbox each'),
  isSeen: z.boolean(),
  isArchived: z.boolean(),
  deliveredAt: instant.nullable(),
});

/** A notification as the API and all transports show it. */
export type Notification = AnswerOf<typeof notificationSchema, 'timestamp' | 'deliveredAt'>;

/** An inbox' entry as the clinic's API shows it. */
export function notificationOf(entry: Entry): Notification {
  return {
    id: entry.id,
    userId: entry.owner,
    message: entry.message,
    isRead: entry.readAt !== null,
    timestamp: entry.createdAt,
    type: entry.type,
    data: entry.data,
    cursor: cursorOf(entry),
    seq: entry.seq,
    // What a newer one superseded is read although nobody looked.
    isSeen: entry.seenAt !== null || entry.readAt !== null,
    isArchived: entry.archivedAt !== null,
    deliveredAt: entry.deliveredAt,
  };
}

/** Headers of the MESSAGE that brings it, published and replayed alike. */
export function headersOf({ type }: Notification): Readonly<Record<string, string>> {
  return { 'event-type': type };
}
