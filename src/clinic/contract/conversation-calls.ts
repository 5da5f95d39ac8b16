import * as conversations from '../conversations/schemas.js';
import type { Call, Examples, Operations } from './operation.js';

/** What is sent, by name. */
export const bodies = {
  Beginning: conversations.beginSchema,
  NewMembers: conversations.membersSchema,
  MessageText: conversations.messageDraftSchema,
  Reading: conversations.readSchema,
  Arrival: conversations.deliveredSchema,
};

/** They can be sent as they are, signed in as one of the demo's people. */
export const examples: Examples<typeof bodies> = {
  Beginning: { memberIds: [3] },
  NewMembers: { userIds: [4] },
  MessageText: { text: 'May I eat before the test?', clientId: '5f0c' },
  Reading: { upTo: 1 },
  Arrival: { upTo: 1 },
};

/** To everybody but its members a conversation isn't there, as if it were nobody's. */
export const conversationCalls: Operations<keyof typeof bodies> = {
  begin: {
    call: 'POST /api/conversations',
    summary: 'Begin a conversation',
    description:
      'Patients with doctors, staff with everybody. Two people have one: it is answered with 200 where it is there. With ' +
      'three or more it is a new one each time.',
    headers: ['Idempotency-Key'],
    body: 'Beginning',
    answer: { status: 201, body: 'Conversation', headers: ['Idempotency-Replayed'] },
    otherStatus: 200,
    problems: ['not_found', 'conversation_limit'],
  },
  conversations: {
    call: 'GET /api/conversations',
    summary: 'The own conversations',
    description: 'The newest first, each with its last message and how many are unread.',
    query: conversations.conversationListSchema,
    answer: { status: 200, body: 'ConversationPage' },
  },
  conversation: {
    call: 'GET /api/conversations/{id}',
    summary: 'One of them',
    answer: { status: 200, body: 'Conversation' },
    problems: ['not_found'],
  },
  deleteConversation: {
    call: 'DELETE /api/conversations/{id}',
    summary: 'Delete it for all its members',
    description: 'Who began it may, and operators.',
    answer: { status: 204 },
    problems: ['not_found'],
  },
  addMembers: {
    call: 'POST /api/conversations/{id}/members',
    summary: 'Add people to a conversation of more than two',
    description: 'They see all that was said. Whom you may not write to is `not_found`.',
    body: 'NewMembers',
    answer: { status: 200, body: 'Conversation' },
    problems: ['not_found'],
  },
  removeMember: {
    call: 'DELETE /api/conversations/{id}/members/{member}',
    summary: 'Leave it, or send somebody away',
    description: '`me` is yourself. Others are sent away by who began it, or by an operator in it.',
    answer: { status: 204 },
    problems: ['not_found'],
  },
  say: {
    call: 'POST /api/conversations/{id}/messages',
    summary: 'Say something',
    description:
      'The same `clientId` again, after a cut for example, is answered with 200 and the first message; nobody is told twice.',
    headers: ['Idempotency-Key'],
    body: 'MessageText',
    answer: { status: 201, body: 'ConversationMessage', headers: ['Idempotency-Replayed'] },
    otherStatus: 200,
    problems: ['not_found', 'rate_limited'],
  },
  messages: {
    call: 'GET /api/conversations/{id}/messages',
    summary: 'What was said',
    description:
      'The newest first, or the oldest first with `after`. `after=earliest` starts at the first that is kept; `after` proves ' +
      'that nothing is missing: a cursor that can no longer be served is `cursor_reset`.',
    query: conversations.messageListSchema,
    answer: { status: 200, body: 'MessagePage' },
    problems: ['not_found', 'cursor_reset'],
  },
  readMessages: {
    call: 'PATCH /api/conversations/{id}/read',
    summary: 'Say how far you have read',
    description:
      'Up to a number, up to the newest of some messages, or, with neither, all. It only goes forward: the answer says how far.',
    body: 'Reading',
    answer: { status: 200, body: 'ReadTo' },
    problems: ['not_found'],
  },
  messagesArrived: {
    call: 'POST /api/conversations/{id}/delivered',
    summary: 'Say how far messages have arrived',
    description: 'What ACK does over STOMP. It only goes forward.',
    body: 'Arrival',
    answer: { status: 204 },
    problems: ['not_found'],
  },
};

/** The same calls at the paths that clients of the casting platform have. */
export const castingCalls: Operations<keyof typeof bodies> = Object.fromEntries(
  Object.entries(conversationCalls).map(([name, row]) => [
    `${name}ByCastingPath`,
    { ...row, call: row.call.replace('/api/', '/messages/') as Call },
  ]),
);
