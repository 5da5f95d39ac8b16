import { Refusal } from '../../library/errors.js';
import type { Dialects } from '../../library/nest/options.js';

type Commands = NonNullable<NonNullable<Dialects['socketIo']>['commands']>;

/** What clients of Socket.IO emit in conversations, as calls of the methods that STOMP's SEND reaches. */
export const conversationCommands: Commands = {
  'join-conversation': (id) => ({ destination: at(id, 'join') }),
  'leave-conversation': (id) => ({ destination: at(id, 'leave') }),
  'typing-start': (id) => ({ destination: at(id, 'typing-start') }),
  'typing-stop': (id) => ({ destination: at(id, 'typing-stop') }),
  'mark-read': (read) => {
    const { conversationId, messageIds, upTo } = membersOf(read);
    return { destination: at(conversationId, 'read'), body: { messageIds, upTo } };
  },
  'send-message': (message) => {
    const { conversationId, text, clientId } = membersOf(message);
    return { destination: at(conversationId, 'message'), body: { text, clientId } };
  },
};

/** @throws {Refusal} invalid_header: what is named is no id */
function at(id: unknown, verb: string): string {
  if (typeof id !== 'string' && typeof id !== 'number')
    throw new Refusal('invalid_header', 'Name the conversation by its id.');
  return `/app/conversations/${encodeURIComponent(id)}/${verb}`;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
