import { z } from 'zod';
import * as notifications from '../notifications/schemas.js';
import { cursor } from '../http/cursor.js';
import type { Examples, Operations } from './operation.js';

/** What is sent, by name. */
export const bodies = {
  Marks: notifications.marksSchema,
  ReadAll: notifications.readAllSchema,
  Ack: notifications.ackSchema,
  NewNotification: notifications.sendSchema,
  NewNotifications: notifications.batchSchema,
  NewEvent: notifications.eventSchema,
  Announcement: notifications.announcementSchema,
};

/** They can be sent as they are, signed in as one of the demo's people. */
export const examples: Examples<typeof bodies> = {
  Marks: { isRead: true },
  ReadAll: { upTo: 'earliest' },
  Ack: { upTo: 'earliest' },
  NewNotification: { email: 'doctor@example.org', message: 'Ding dong' },
  NewNotifications: {
    items: [
      {
        email: 'patient@example.org',
        type: 'new_email',
        message: 'Hello World',
        data: {
          message_id: 'msg-12345',
          from: 'sender@example.com',
          subject: 'Hello World',
          folder: 'INBOX',
        },
      },
    ],
  },
  NewEvent: { type: 'server_status', data: { load: 0.4 } },
  Announcement: { message: 'The lift works again' },
};

const stream = {
  access: 'ticket',
  answer: { status: 200, body: 'text/event-stream', headers: ['Set-Cookie'] },
} as const;

const since = z.object({
  since: cursor.optional().describe('A cursor, or `earliest`: a verdict comes first, then all rows after it'),
  lastEventId: cursor
    .optional()
    .describe(
      'What clients write there that cannot set the header when they come back; it wins over `since`',
    ),
});

/** The inbox, and what is put into it. */
export const notificationCalls: Operations<keyof typeof bodies> = {
  notifications: {
    call: 'GET /api/notifications',
    summary: 'The own inbox',
    description:
      'Newest first, or oldest first with `after`. `after=earliest` starts at the first row; `after` without a ' +
      '`filter` proves completeness: a cursor that can no longer be served is `cursor_reset`.',
    query: notifications.listSchema,
    answer: { status: 200, body: 'NotificationPage' },
    problems: ['cursor_reset'],
  },
  counts: {
    call: 'GET /api/notifications/counts',
    summary: 'How many are unseen and unread',
    answer: { status: 200, body: 'Counts' },
  },
  mark: {
    call: 'PATCH /api/notifications/{id}',
    summary: 'Mark one as seen, read or archived, or as not',
    body: 'Marks',
    answer: { status: 200, body: 'Notification' },
    problems: ['not_found'],
  },
  readAll: {
    call: 'POST /api/notifications/read-all',
    summary: 'Mark as read what was shown',
    description: 'Up to a cursor: what arrives during the call stays unread.',
    body: 'ReadAll',
    answer: { status: 200, body: 'Changed' },
    problems: ['cursor_reset'],
  },
  acknowledge: {
    call: 'POST /api/notifications/ack',
    summary: 'Say what has arrived: some by their `ids`, or all up to a cursor',
    description: 'Sets `deliveredAt`: what ACK does over STOMP, for readers of a stream and of pages.',
    body: 'Ack',
    answer: { status: 204 },
    problems: ['cursor_reset'],
  },
  notify: {
    call: 'POST /api/notifications',
    summary: 'Tell one user something',
    description: 'Names the user by `userId` or by `email`. A row first, then a push to every open device.',
    access: ['operator'],
    headers: ['Idempotency-Key'],
    body: 'NewNotification',
    answer: { status: 201, body: 'Notification', headers: ['Idempotency-Replayed'] },
    problems: ['not_found'],
  },
  notifyMany: {
    call: 'POST /api/notifications/batch',
    summary: 'Tell users many things at once',
    description: 'Up to 1,000 of them, in one commit: all or none.',
    access: ['operator'],
    headers: ['Idempotency-Key'],
    body: 'NewNotifications',
    answer: { status: 201, body: 'NotificationItems', headers: ['Idempotency-Replayed'] },
    problems: ['not_found'],
  },
  broadcast: {
    call: 'POST /api/events',
    summary: 'Say something to everybody who is there and asks for that type',
    description:
      'It goes to `/topic/events.<type>`, and to JSON sockets that asked for the type or for `*`. It is kept nowhere.',
    access: ['operator'],
    body: 'NewEvent',
    answer: { status: 202 },
  },
  announcements: {
    call: 'GET /api/announcements',
    summary: 'What everybody was told',
    description:
      'Newest first, or oldest first with `after`. `after=earliest` starts at the first that is kept; a cursor that can ' +
      'no longer be served is `cursor_reset`.',
    query: notifications.pageSchema,
    answer: { status: 200, body: 'AnnouncementPage' },
    problems: ['cursor_reset'],
  },
  announce: {
    call: 'POST /api/announcements',
    summary: 'Tell everybody something',
    description:
      'It is stored, and goes to `/topic/announcements`; who comes later gets it by `since`, or by the GET.',
    access: ['operator'],
    headers: ['Idempotency-Key'],
    body: 'Announcement',
    answer: { status: 202, headers: ['Idempotency-Replayed'] },
  },
};

/** What comes by Server-Sent Events. */
export const streamCalls: Operations<keyof typeof bodies> = {
  stream: {
    ...stream,
    call: 'GET /api/notifications/stream',
    summary: 'The own notifications as they come',
    query: since,
    headers: ['Last-Event-ID'],
    problems: ['rate_limited'],
  },
  streamOf: {
    ...stream,
    call: 'GET /api/notifications/stream/{userId}',
    summary: 'The same, under the address that existing clients know',
    description: 'With the own id; others are `forbidden`.',
    query: since,
    headers: ['Last-Event-ID'],
    problems: ['forbidden', 'rate_limited'],
  },
  events: {
    ...stream,
    call: 'GET /api/events',
    summary: 'A topic',
    description: 'Any that its reader may subscribe to over STOMP.',
    query: notifications.topicSchema.extend(since.shape),
    headers: ['Last-Event-ID'],
    problems: ['forbidden', 'rate_limited'],
  },
};
