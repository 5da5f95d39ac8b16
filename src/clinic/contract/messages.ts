import { z } from 'zod';
import type { Dashboard } from '../appointments/dashboard-stats.js';
import { statuses } from '../appointments/status.js';
import type { Verdict } from '../../library/broker/resume.js';
import { codes, type Code } from '../errors.js';
import { selectionSchema } from '../notifications/schemas.js';
import { notificationSchema } from '../notifications/notification.js';
import { conversationSchema } from '../conversations/conversation.js';
import { messageSchema } from '../conversations/message.js';
import { messageDraftSchema, readSchema } from '../conversations/schemas.js';
import { cursor } from '../http/cursor.js';
import { idSchema } from '../http/id.js';
import { counts, type Shows } from './answers.js';

/** One kind of message: a frame's body and headers, or an event's data with its `id` and `event`. */
export interface MessageShape {
  readonly summary: string;
  /** JSON of this shape; without it a text, nothing, or what its sender likes. */
  readonly payload?: keyof typeof payloads;
  /** None on JSON sockets; of Socket.IO the name of the event. */
  readonly headers?: z.ZodType;
}

const verdict = z.object({
  verdict: z
    .enum(['complete', 'reset'])
    .describe('`complete`: all that was missed follows. `reset`: load the list anew'),
  reason: z.enum(['unknown_epoch', 'pruned', 'ahead', 'malformed']).exactOptional().describe('Of a reset'),
  from: z.string().describe('As it was given'),
  to: cursor.describe('The head at that moment'),
  earliest: cursor.describe('The oldest position that can be served'),
}) satisfies Shows<Verdict>;

const inboxNews = z.object({
  counts,
  state: z
    .enum(['seen', 'unseen', 'read', 'unread', 'archived', 'unarchived'])
    .optional()
    .describe('What rows were marked as on another device; absent where one was added'),
  ids: z.array(z.int().positive()).optional().describe('Which rows were marked'),
  upTo: cursor.optional().describe('Or: all that a list showed, up to this'),
  filter: z.enum(['all', 'unread', 'archived']).optional().describe('… of this list'),
  reload: z
    .literal(true)
    .optional()
    .describe(
      'In place of these: too much was marked at once to be told one by one; load what you show anew',
    ),
});

const dashboard = z.object({
  connections: z.int().min(0).describe('Open on this node'),
  appointmentsToday: z.int().min(0),
  byStatus: z.partialRecord(z.enum(statuses), z.int().positive()),
}) satisfies z.ZodType<Dashboard>;

const seq = z.int().min(0).describe('Up to the message of that number');

const failure = z.object({
  code: z.enum(Object.keys(codes)),
  message: z.string(),
  destination: z.string().describe('That the failed frame named'),
});

const socketEvent = z.object({
  type: z.string().describe("The notification's, or the topic's `event-type`"),
  event_type: z.string().optional().describe('It, where that is a word of the answers'),
  timestamp: z.int().describe('s since 1970'),
  data: z.unknown().describe('What was posted as `data`, or the body'),
  cursor: cursor.optional(),
  replayed: z.literal(true).optional(),
  topic: z.string().optional(),
  notification: notificationSchema.optional(),
});

const socketAnswer = z.looseObject({
  type: z.enum([
    'authenticated',
    'subscribed',
    'unsubscribed',
    'acked',
    'pong',
    'stats',
    'resume',
    'gap',
    'error',
  ]),
});

const socketRequest = z.object({
  action: z.enum(['authenticate', 'subscribe', 'unsubscribe', 'ack', 'ping', 'stats']),
  token: z.string().optional().describe('Of `authenticate`'),
  event_type: z.string().optional().describe('A type, `*`, or a topic'),
  since: z.string().optional().describe('A cursor, or `earliest`'),
  cursor: cursor.optional().describe('Of `ack`'),
});

const channelMessage = z.object({
  channel: z.string().describe("The connection's own; a client may leave it out"),
  cmd: z
    .string()
    .describe(
      'From Carillon `joined`, `user-joined`, `user-left`, `chat-message`, `notification`, `system-update`, `resume`, ' +
        '`gap`, `pong`, `error`; from clients `authenticate`, `ping`, `chat-message`',
    ),
  param: z.record(z.string(), z.unknown()),
});

const refused = { code: z.string(), message: z.string(), retryable: z.boolean() };

/** The shapes of the bodies of messages, by name. */
export const payloads = {
  Notification: notificationSchema,
  Verdict: verdict,
  InboxNews: inboxNews,
  Announcement: z.object({ message: z.string(), timestamp: z.iso.datetime() }),
  Dashboard: dashboard,
  Failure: failure,
  Selection: selectionSchema,
  SocketEvent: socketEvent,
  SocketAnswer: socketAnswer,
  SocketRequest: socketRequest,
  ChannelMessage: channelMessage,
  NewMessage: z.object({ conversationId: idSchema, message: messageSchema }),
  MessagesRead: z.object({
    conversationId: idSchema,
    messageIds: z.array(idSchema).describe('Those that were read by it, the newest 500 at most'),
    readBy: idSchema,
    upTo: seq,
  }),
  MessagesDelivered: z.object({ conversationId: idSchema, upTo: seq, userId: idSchema }),
  ConversationUpdated: z.object({ conversationId: idSchema, conversation: conversationSchema }),
  ConversationDeleted: z.object({ conversationId: idSchema }),
  UserTyping: z.object({
    conversationId: idSchema,
    userId: idSchema,
    userName: z.string(),
    expiresInMs: z.int().positive().describe('When it is over, if nothing else comes'),
  }),
  UserStopTyping: z.object({ conversationId: idSchema, userId: idSchema }),
  ConversationMessage: messageSchema,
  ConversationWord: z.union([messageDraftSchema, readSchema]),
  MergedNotification: z
    .looseObject({ ...notificationSchema.shape, replayed: z.literal(true).optional() })
    .describe('The members of its `data` stand beside its own'),
  NewDraft: messageDraftSchema.extend({ conversationId: idSchema }),
  ReadMarks: z.object({
    conversationId: idSchema,
    messageIds: z.array(idSchema).optional(),
    upTo: seq.optional(),
  }),
  ConversationId: idSchema.describe('Of a conversation'),
  RefusedEvent: z
    .object({ event: z.string().optional(), ...refused })
    .describe('What was emitted without a callback'),
  EndedSession: z.object(refused),
};

/** STOMP 1.2, MESSAGE. */
const delivery = z.object({
  destination: z.string().describe('The one that the client subscribed to, or that the SEND named'),
  'message-id': z.string(),
  subscription: z.string().optional().describe('The `id` of the SUBSCRIBE; STOMP 1.0 has none'),
  ack: z.string().optional().describe('What ACK and NACK name, in the modes that ask for them'),
  'content-type': z.string(),
  'content-length': z.string().optional(),
});

const isTrue = z.literal('true').optional();

const event = (name: string) => z.object({ event: z.literal(name) });

/** Where a reconnecting client goes on. */
const eventId = { id: cursor.describe('Sent back as `Last-Event-ID`') };

function toMembers<Payload extends keyof typeof payloads>(name: string, payload: Payload, summary: string) {
  return { summary, payload, headers: delivery.extend({ 'event-type': z.literal(name) }) };
}

function emitted<Payload extends keyof typeof payloads>(name: string, payload: Payload, summary: string) {
  return { summary, payload, headers: event(name) };
}

/** The messages that clients get and send: their headers and bodies. */
export const messages = {
  notification: {
    summary: 'Something happened that its user wants to know',
    payload: 'Notification',
    headers: delivery.extend({
      cursor,
      'event-type': z.string().describe("The notification's type"),
      replayed: isTrue.describe('It was there before the SUBSCRIBE'),
    }),
  },
  resume: {
    summary: 'The verdict: first of all messages where SUBSCRIBE had `since`',
    payload: 'Verdict',
    headers: delivery.extend({ cursor, 'event-type': z.literal('resume') }),
  },
  inboxNews: {
    summary: "The inbox's counts, and what was marked on another device",
    payload: 'InboxNews',
    headers: delivery.extend({ 'event-type': z.literal('inbox') }),
  },
  announcement: {
    summary: "An operator's words for everybody",
    payload: 'Announcement',
    headers: delivery.extend({ 'event-type': z.literal('announcement'), cursor, replayed: isTrue }),
  },
  dashboard: {
    summary: 'The numbers on the wall, when they change, once a second at most',
    payload: 'Dashboard',
    headers: delivery.extend({ 'event-type': z.literal('dashboard-stats') }),
  },
  failure: {
    summary: 'A method behind `/app` failed; the connection stays',
    payload: 'Failure',
    headers: delivery.extend({
      code: z.string(),
      'receipt-id': z.string().optional().describe('Of the frame that failed; no RECEIPT comes'),
    }),
  },
  letter: {
    summary: 'Whatever is to be done once; its own headers go with it',
    headers: z.object({
      'content-type': z.string().optional(),
      expires: z.string().optional().describe('ms since 1970; after that it goes to `/queue/dlq/…`'),
      receipt: z.string().optional().describe('The RECEIPT comes when it is stored'),
    }),
  },
  queued: {
    summary: 'Whatever was sent to a queue; exactly one consumer gets it',
    headers: delivery.extend({
      'content-type': z.string().optional().describe('As its sender said'),
      redelivered: isTrue.describe('A consumer had it before, and gave it back or was lost'),
      'delivery-count': z.string().optional().describe('How many had it'),
      'original-destination': z.string().optional().describe('In `/queue/dlq/…`: where it came from'),
      reason: z.string().optional().describe('In `/queue/dlq/…`: why it is there'),
    }),
  },
  selection: {
    summary: "Rows of one's own inbox: some, or what a list showed up to a cursor",
    payload: 'Selection',
    headers: z.object({
      receipt: z.string().optional().describe('The RECEIPT comes when the rows are marked'),
    }),
  },
  socketEvent: { summary: 'A notification, or what came from a topic', payload: 'SocketEvent' },
  socketAnswer: { summary: 'The answer to a request, a verdict, or an error', payload: 'SocketAnswer' },
  socketRequest: { summary: 'A request', payload: 'SocketRequest' },
  channelMessage: { summary: 'What is said in a channel', payload: 'ChannelMessage' },
  said: {
    summary: 'A JSON object, to which who said it, when, and an id are added',
    headers: z.object({ receipt: z.string().optional().describe('The RECEIPT comes when it was passed on') }),
  },
  newMessage: toMembers('new-message', 'NewMessage', 'Somebody has said something; one’s own comes too'),
  messagesRead: toMembers('messages-read', 'MessagesRead', 'Somebody has read on'),
  messagesDelivered: toMembers('messages-delivered', 'MessagesDelivered', 'Messages have reached somebody'),
  conversationUpdated: toMembers(
    'conversation-updated',
    'ConversationUpdated',
    'A message, or a change of the members, with what is unread to oneself; once in 100 ms at most',
  ),
  conversationDeleted: toMembers(
    'conversation-deleted',
    'ConversationDeleted',
    'It is gone: deleted, or one was sent away or has left',
  ),
  userTyping: toMembers('user-typing', 'UserTyping', 'Somebody else types'),
  userStopTyping: toMembers('user-stop-typing', 'UserStopTyping', 'They type no more'),
  emittedNotification: emitted('notification', 'MergedNotification', 'A row of the own inbox'),
  emittedResume: emitted('resume', 'Verdict', 'The verdict on `since`, before what was missed'),
  emittedNewMessage: emitted('new-message', 'NewMessage', 'Somebody has said something; one’s own comes too'),
  emittedMessagesRead: emitted('messages-read', 'MessagesRead', 'Somebody has read on'),
  emittedMessagesDelivered: emitted(
    'messages-delivered',
    'MessagesDelivered',
    'Messages have reached somebody',
  ),
  emittedConversationUpdated: emitted(
    'conversation-updated',
    'ConversationUpdated',
    'A message, or a change of the members',
  ),
  emittedConversationDeleted: emitted('conversation-deleted', 'ConversationDeleted', 'It is gone'),
  emittedUserTyping: emitted('user-typing', 'UserTyping', 'Somebody else types'),
  emittedUserStopTyping: emitted('user-stop-typing', 'UserStopTyping', 'They type no more'),
  emittedRefusal: emitted('refused', 'RefusedEvent', 'What was emitted is refused'),
  emittedEnd: emitted('session-ended', 'EndedSession', 'The login is over; a disconnect follows'),
  sendMessage: emitted('send-message', 'NewDraft', 'Says something; its callback hears when it is committed'),
  markRead: emitted('mark-read', 'ReadMarks', 'Says how far one has read; with the id alone: all'),
  typingStart: emitted('typing-start', 'ConversationId', 'One types'),
  typingStop: emitted('typing-stop', 'ConversationId', 'One types no more'),
  joinConversation: emitted('join-conversation', 'ConversationId', 'Asks whether one is in it'),
  leaveConversation: emitted(
    'leave-conversation',
    'ConversationId',
    'Nothing: members hear of it all the same',
  ),
  conversationMessage: {
    summary: 'What somebody said, with its place in the log',
    payload: 'ConversationMessage',
    headers: delivery.extend({ 'event-type': z.literal('message'), cursor, replayed: isTrue }),
  },
  conversationWord: {
    summary: 'A message, or how far was read; nothing for the other words',
    payload: 'ConversationWord',
    headers: z.object({ receipt: z.string().optional().describe('The RECEIPT comes when it is committed') }),
  },
  connected: {
    summary: 'CONNECTED',
    headers: z.object({
      version: z.enum(['1.0', '1.1', '1.2']),
      session: z.string(),
      server: z.string(),
      'heart-beat': z.string().regex(/^\d+,\d+$/),
      'user-name': z.string().describe('The lower-cased e-mail address'),
    }),
  },
  receipt: {
    summary: 'RECEIPT: done, and so is all that was sent before',
    headers: z.object({ 'receipt-id': z.string() }),
  },
  error: {
    summary: 'ERROR: what was wrong; then the close',
    headers: z.object({
      code: z
        .enum((Object.keys(codes) as Code[]).filter((code) => 'close' in codes[code]))
        .describe('The stable word; docs/errors.md'),
      message: z.string(),
      retryable: z.enum(['true', 'false']).describe('Whether connecting again can help'),
      'receipt-id': z.string().optional(),
      'retry-after-ms': z.string().optional().describe('With `rate_limited`'),
      version: z.string().optional().describe('With `unsupported_version`: ours'),
      'content-type': z.string(),
      'content-length': z.string().optional(),
    }),
  },
  streamConnected: {
    summary: 'The stream is open',
    headers: event('connected').extend({ id: eventId.id.optional().describe('Not where a reset follows') }),
  },
  streamResume: {
    summary: 'The verdict, where a position was given',
    payload: 'Verdict',
    headers: event('resume').extend(eventId),
  },
  streamNotification: {
    summary: 'Something happened that its user wants to know',
    payload: 'Notification',
    headers: event('notification').extend(eventId),
  },
  topicConnected: {
    summary: 'The stream is open, of a topic that keeps its messages',
    headers: event('connected').extend({ id: eventId.id.optional().describe('Not where a reset follows') }),
  },
  topicResume: {
    summary: 'The verdict, where a position was given',
    payload: 'Verdict',
    headers: event('resume').extend(eventId),
  },
  topicEvent: {
    summary: 'What is published to the topic',
    headers: z.object({
      event: z.string().optional().describe("The message's `event-type`"),
      id: eventId.id.optional().describe('Where the topic keeps its messages'),
    }),
  },
} as const satisfies Record<string, MessageShape>;
