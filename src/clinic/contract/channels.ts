import type { messages } from './messages.js';

/** A destination or a stream. */
export interface ApiChannel {
  /** None for what belongs to the connection itself. */
  readonly address: string | null;
  readonly summary: string;
  readonly description?: string;
  /** `sends`: from Carillon to its clients. */
  readonly carillon: 'sends' | 'receives';
  readonly messages: readonly (keyof typeof messages)[];
  readonly over: 'stomp' | 'sse' | 'json' | 'socket.io';
  readonly parameters?: Readonly<
    Record<string, { readonly description: string; readonly enum?: readonly string[] }>
  >;
}

/** Every channel of the product, by name. */
export const channels = {
  connection: {
    address: null,
    summary: 'What every connection hears',
    description: 'CONNECT within 5 s: `Authorization: Bearer <token>`, or `login` and `passcode`.',
    carillon: 'sends',
    messages: ['connected', 'receipt', 'error'],
    over: 'stomp',
  },
  notifications: {
    address: '/user/queue/notifications',
    summary: 'The own notifications, on all devices',
    description:
      'SUBSCRIBE with `since`, a cursor or `earliest`: the verdict comes first, then the rows after it (`replayed`), ' +
      'then live. Without it: live only. ACK sets `deliveredAt`.',
    carillon: 'sends',
    messages: ['notification', 'resume'],
    over: 'stomp',
  },
  inbox: {
    address: '/user/queue/inbox',
    summary: 'What becomes of the own inbox on other devices',
    carillon: 'sends',
    messages: ['inboxNews'],
    over: 'stomp',
  },
  errors: {
    address: '/user/queue/errors',
    summary: 'Failures of methods behind `/app`, for the connection that called',
    description: 'Who is not subscribed gets an ERROR, and the close.',
    carillon: 'sends',
    messages: ['failure'],
    over: 'stomp',
  },
  announcements: {
    address: '/topic/announcements',
    summary: 'Announcements, for everyone',
    description:
      'They are kept for `ANNOUNCEMENT_DAYS`. SUBSCRIBE with `since`, a cursor or `earliest`: the verdict comes first, ' +
      'then what was missed (`replayed`), then live. Without it: live only. A pattern brings them live only.',
    carillon: 'sends',
    messages: ['announcement', 'resume'],
    over: 'stomp',
  },
  dashboardStats: {
    address: '/topic/dashboard-stats',
    summary: 'The clinic in numbers, for doctors and operators',
    carillon: 'sends',
    messages: ['dashboard'],
    over: 'stomp',
  },
  queue: {
    address: '/queue/{name}',
    summary: 'Durable queues, for operators',
    description:
      '`prefetch-count` on SUBSCRIBE bounds what is unsettled. After too many deliveries: `/queue/dlq/{name}`.',
    carillon: 'sends',
    messages: ['queued'],
    over: 'stomp',
    parameters: { name: { description: 'Any; it may have slashes and dots' } },
  },
  toQueue: {
    address: '/queue/{name}',
    summary: 'Into a durable queue, for operators; the RECEIPT says that it is stored',
    carillon: 'receives',
    messages: ['letter'],
    over: 'stomp',
    parameters: { name: { description: 'Any; it may have slashes and dots' } },
  },
  marks: {
    address: '/app/notifications.{mark}',
    summary: 'Marks notifications as read, seen, archived, or as not',
    carillon: 'receives',
    messages: ['selection'],
    over: 'stomp',
    parameters: {
      mark: {
        description: 'What becomes of them',
        enum: ['read', 'unread', 'seen', 'unseen', 'archive', 'unarchive'],
      },
    },
  },
  conversations: {
    address: '/user/queue/conversations',
    summary: 'What happens in the own conversations, for all that their members have open',
    description:
      'None of it is kept: what was missed is in GET /api/conversations, and in the messages after a cursor.',
    carillon: 'sends',
    messages: [
      'newMessage',
      'messagesRead',
      'messagesDelivered',
      'conversationUpdated',
      'conversationDeleted',
      'userTyping',
      'userStopTyping',
    ],
    over: 'stomp',
  },
  conversation: {
    address: '/topic/conversations.{id}',
    summary: 'The messages of one conversation, for its members alone',
    description:
      'A log: SUBSCRIBE with `since`, a cursor or `earliest`: the verdict comes first, then what was missed (`replayed`), ' +
      'then live. ACK says that they have arrived. No pattern brings them.',
    carillon: 'sends',
    messages: ['conversationMessage', 'resume'],
    over: 'stomp',
    parameters: { id: { description: 'Of GET /api/conversations' } },
  },
  toConversation: {
    address: '/app/conversations/{id}/{word}',
    summary: 'Says something in a conversation, says that one types, or how far one has read',
    description: 'Whose it is not: `forbidden`. The RECEIPT of `message` says that it is committed.',
    carillon: 'receives',
    messages: ['conversationWord'],
    over: 'stomp',
    parameters: {
      word: {
        description: 'What it is',
        enum: ['message', 'join', 'leave', 'typing-start', 'typing-stop', 'read'],
      },
      id: { description: 'Of GET /api/conversations' },
    },
  },
  stream: {
    address: '/api/notifications/stream',
    summary: 'The own notifications as Server-Sent Events',
    description: '`Last-Event-ID`, `?lastEventId=` or `?since=` bring the verdict and what was missed.',
    carillon: 'sends',
    messages: ['streamConnected', 'streamResume', 'streamNotification'],
    over: 'sse',
  },
  streamOf: {
    address: '/api/notifications/stream/{userId}',
    summary: 'The same, under the address that existing clients know',
    carillon: 'sends',
    messages: ['streamConnected', 'streamResume', 'streamNotification'],
    over: 'sse',
    parameters: { userId: { description: 'The own id' } },
  },
  topicStream: {
    address: '/api/events',
    summary: 'A topic as Server-Sent Events',
    description:
      '`?topic=/topic/announcements`, or any other that its reader may subscribe to. Where the topic keeps its messages, ' +
      '`Last-Event-ID`, `?lastEventId=` or `?since=` bring the verdict and what was missed.',
    carillon: 'sends',
    messages: ['topicConnected', 'topicResume', 'topicEvent'],
    over: 'sse',
  },
  socket: {
    address: '/notifications',
    summary: 'JSON sockets: the own notifications by their types, and topics',
    description:
      'Who is not signed in by the upgrade says `authenticate` first. `subscribe` with `since`: the verdict comes first, ' +
      'then the rows after it (`replayed`), then live. Errors are messages of the type `error`.',
    carillon: 'sends',
    messages: ['socketAnswer', 'socketEvent'],
    over: 'json',
  },
  toSocket: {
    address: '/notifications',
    summary: 'What a client of JSON sockets asks for',
    carillon: 'receives',
    messages: ['socketRequest'],
    over: 'json',
  },
  channel: {
    address: '/channels/{channel}',
    summary: 'A JSON socket of one channel',
    description:
      'The own channel, `user-{id}`, follows the inbox and takes `?since=`; `system` has the announcements. The first ' +
      'message is `joined`; errors are messages with the `cmd` `error`.',
    carillon: 'sends',
    messages: ['channelMessage'],
    over: 'json',
    parameters: { channel: { description: '1 to 64 of letters, digits, _, . and -' } },
  },
  toChannel: {
    address: '/channels/{channel}',
    summary: 'What is said there',
    carillon: 'receives',
    messages: ['channelMessage'],
    over: 'json',
    parameters: { channel: { description: '1 to 64 of letters, digits, _, . and -' } },
  },
  ownChannel: {
    address: '/ws/notifications',
    summary: 'The own channel, under the address that existing clients know',
    carillon: 'sends',
    messages: ['channelMessage'],
    over: 'json',
  },
  socketIo: {
    address: '/socket.io/',
    summary: 'Socket.IO 3 and 4: the own notifications, and what happens in the own conversations',
    description:
      '`auth: {token, since}`: with the last cursor the verdict comes first, then the rows after it (`replayed`), then ' +
      'live. Notifications are of the inbox; the events of conversations are not kept.',
    carillon: 'sends',
    messages: [
      'emittedNotification',
      'emittedResume',
      'emittedNewMessage',
      'emittedMessagesRead',
      'emittedMessagesDelivered',
      'emittedConversationUpdated',
      'emittedConversationDeleted',
      'emittedUserTyping',
      'emittedUserStopTyping',
      'emittedRefusal',
      'emittedEnd',
    ],
    over: 'socket.io',
  },
  toSocketIo: {
    address: '/socket.io/',
    summary: 'What is emitted with Socket.IO; a callback hears `{ok, error?}`',
    carillon: 'receives',
    messages: [
      'sendMessage',
      'markRead',
      'typingStart',
      'typingStop',
      'joinConversation',
      'leaveConversation',
    ],
    over: 'socket.io',
  },
  channelTopic: {
    address: '/topic/channels.{channel}',
    summary: 'A channel over STOMP',
    carillon: 'sends',
    messages: ['channelMessage'],
    over: 'stomp',
    parameters: { channel: { description: 'Its name, with `%2E` for each dot' } },
  },
  chatMessage: {
    address: '/app/channels/{channel}/chat-message',
    summary: 'Says something in a channel, over STOMP',
    carillon: 'receives',
    messages: ['said'],
    over: 'stomp',
    parameters: { channel: { description: 'Its name' } },
  },
} as const satisfies Record<string, ApiChannel>;
