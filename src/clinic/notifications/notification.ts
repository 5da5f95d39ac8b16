import type { Entry } from '../../library/inbox/entry.js';

/** A notification as every transport shows it. Existing clients know the first five members. */
export interface Notification {
  readonly id: number;
  readonly userId: number;
  readonly message: string;
  readonly isRead: boolean;
  readonly timestamp: Date;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly cursor: string;
  readonly seq: number;
  readonly isSeen: boolean;
  readonly isArchived: boolean;
  readonly deliveredAt: Date | null;
}

export function notificationOf(entry: Entry): Notification {
  return {
    id: entry.id,
    userId: entry.owner,
    message: entry.message,
    isRead: entry.readAt !== null,
    timestamp: entry.createdAt,
    type: entry.type,
    data: entry.data,
    cursor: entry.cursor,
    seq: entry.seq,
    // What a newer one superseded is read although nobody looked.
    isSeen: entry.seenAt !== null || entry.readAt !== null,
    isArchived: entry.archivedAt !== null,
    deliveredAt: entry.deliveredAt,
  };
}

/** Headers of the MESSAGE that brings it, published and replayed alike. */
export function headersOf({ cursor, type }: Notification): Readonly<Record<string, string>> {
  return { cursor, 'event-type': type };
}
