import type { ConversationMessage, MessagePage } from '../api/types.js';
import { positionOf } from '../realtime/position.js';

/** What the page knows of what was said in a conversation. */
export interface Thread {
  /** Oldest first, without a hole. */
  readonly messages: readonly ConversationMessage[];
  /** The position of the older page; null: there is none. */
  readonly next: string | null;
}

/** The status of a message, for its sender. */
export type MessageStatus = ConversationMessage['status'];

/** Takes in the newest page. Where it doesn't reach down to what is known, what is known goes: it can be loaded again. */
export function withNewest(thread: Thread | undefined, page: MessagePage): Thread {
  const fresh = page.items.toReversed();
  const [lowest] = fresh;
  const last = thread?.messages.at(-1);
  const isJoined =
    last &&
    lowest &&
    epochOf(last) === epochOf(lowest) &&
    lowest.seq <= last.seq + 1 &&
    last.seq >= lowest.seq - 1;
  if (!thread || !isJoined) return { messages: fresh, next: page.next };
  return {
    messages: merged(thread.messages, fresh),
    next: (thread.messages[0]?.seq ?? 0) <= lowest.seq ? thread.next : page.next,
  };
}

/** Takes in an older page. */
export function withOlder(thread: Thread, page: MessagePage): Thread {
  return { messages: merged(page.items.toReversed(), thread.messages), next: page.next };
}

/** Takes in what follows what is known, oldest first. */
export function withFollowing(thread: Thread, items: readonly ConversationMessage[]): Thread {
  return { ...thread, messages: merged(thread.messages, items) };
}

/** Whether nothing is missing between what is known and this message. */
export function isJoined({ messages, next }: Thread, message: ConversationMessage): boolean {
  const last = messages.at(-1);
  if (!last) return next === null;
  return epochOf(last) === epochOf(message) && message.seq <= last.seq + 1;
}

/** One's own messages up to that number have come so far. What was read doesn't become unread. */
export function withStatus(thread: Thread, senderId: number, upTo: number, status: MessageStatus): Thread {
  const messages = thread.messages.map((message) =>
    message.senderId === senderId && message.seq <= upTo ? atLeast(message, status) : message,
  );
  return { ...thread, messages };
}

/** The first message of others behind that number; undefined where there is none. */
export function firstUnread(
  messages: readonly ConversationMessage[],
  readSeq: number,
  ownId: number,
): ConversationMessage | undefined {
  return messages.find(({ seq, senderId }) => seq > readSeq && senderId !== ownId);
}

function merged(
  known: readonly ConversationMessage[],
  fresh: readonly ConversationMessage[],
): readonly ConversationMessage[] {
  const bySeq = new Map(known.map((message) => [message.seq, message]));
  for (const message of fresh)
    bySeq.set(message.seq, atLeast(message, bySeq.get(message.seq)?.status ?? 'sent'));
  return raised([...bySeq.values()].toSorted((a, b) => a.seq - b.seq));
}

/** A member who has read a message has read the same person's earlier ones. */
function raised(messages: readonly ConversationMessage[]): readonly ConversationMessage[] {
  const reached = new Map<number, MessageStatus>();
  return messages
    .toReversed()
    .map((message) => {
      const known = atLeast(message, reached.get(message.senderId) ?? 'sent');
      reached.set(message.senderId, known.status);
      return known;
    })
    .toReversed();
}

const order: readonly MessageStatus[] = ['sent', 'delivered', 'read'];

function atLeast(message: ConversationMessage, status: MessageStatus): ConversationMessage {
  return order.indexOf(status) > order.indexOf(message.status) ? { ...message, status } : message;
}

function epochOf({ cursor }: ConversationMessage): string | undefined {
  return positionOf(cursor)?.epoch;
}
