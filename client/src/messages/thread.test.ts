import { describe, expect, it } from 'vitest';
import type { ConversationMessage, MessagePage } from '../api/types.js';
import {
  firstUnread,
  isJoined,
  withFollowing,
  withNewest,
  withOlder,
  withStatus,
  type Thread,
} from './thread.js';

const me = 1;

function message(seq: number, parts: Partial<ConversationMessage> = {}): ConversationMessage {
  return {
    ...{ id: 100 + seq, conversationId: 7, seq, senderId: me, senderName: 'Paula', text: `No ${seq}` },
    ...{ clientId: null, createdAt: '2026-11-28T10:00:00.000Z', cursor: `e:${seq}`, status: 'sent' },
    ...parts,
  };
}

function page(next: string | null, ...items: ConversationMessage[]): MessagePage {
  return { items: items.toReversed(), next, cursor: items.at(-1)?.cursor ?? 'e:0' };
}

function seqs({ messages }: Thread): readonly number[] {
  return messages.map(({ seq }) => seq);
}

const known = withNewest(undefined, page('e:3', message(3), message(4)));

describe('a newest page', () => {
  it('is joined to what it reaches down to, and what had been loaded below stays', () => {
    const thread = withNewest(known, page('e:5', message(5), message(6)));

    expect(seqs(thread)).toEqual([3, 4, 5, 6]);
    expect(thread.next).toBe('e:3');
  });

  it('takes the place of what it doesn’t reach: there would be a hole', () => {
    const thread = withNewest(known, page('e:6', message(6), message(7)));

    expect(seqs(thread)).toEqual([6, 7]);
    expect(thread.next).toBe('e:6');
  });

  it('of another epoch takes the place of all', () => {
    expect(seqs(withNewest(known, page(null, message(4, { cursor: 'f:4' }))))).toEqual([4]);
  });

  it('that is older than what came meanwhile takes nothing away', () => {
    const thread = withFollowing(known, [message(5)]);

    expect(seqs(withNewest(thread, page('e:3', message(3), message(4))))).toEqual([3, 4, 5]);
  });

  it('that is empty is a thread without messages', () => {
    expect(withNewest(undefined, page(null))).toEqual({ messages: [], next: null });
  });
});

it('an older page comes before the others', () => {
  const thread = withOlder(known, page(null, message(1), message(2)));

  expect(seqs(thread)).toEqual([1, 2, 3, 4]);
  expect(thread.next).toBe(null);
});

it('a message that comes twice is there once', () => {
  expect(seqs(withFollowing(withFollowing(known, [message(5)]), [message(5)]))).toEqual([3, 4, 5]);
});

it.each([
  [message(5), true],
  [message(4), true],
  [message(6), false],
  [message(5, { cursor: 'f:5' }), false],
])('knows whether something is missing before one', (next, joined) => {
  expect(isJoined(known, next)).toBe(joined);
});

describe('a status', () => {
  const statuses = ({ messages }: Thread) => messages.map(({ status }) => status);

  it('reaches one’s own messages up to a number', () => {
    const thread = withFollowing(known, [message(5, { senderId: 2 }), message(6)]);

    expect(statuses(withStatus(thread, me, 5, 'read'))).toEqual(['read', 'read', 'sent', 'sent']);
  });

  it('never goes back', () => {
    const read = withStatus(known, me, 4, 'read');

    expect(statuses(withStatus(read, me, 4, 'delivered'))).toEqual(['read', 'read']);
    expect(statuses(withNewest(read, page('e:3', message(3), message(4))))).toEqual(['read', 'read']);
  });

  it('of a later message is that of the earlier ones of the same sender, at least', () => {
    const thread = withFollowing(known, [message(5, { senderId: 2 }), message(6, { status: 'read' })]);

    expect(statuses(thread)).toEqual(['read', 'read', 'sent', 'read']);
  });
});

it('the first unread one is of somebody else', () => {
  const { messages } = withFollowing(known, [
    message(5),
    message(6, { senderId: 2 }),
    message(7, { senderId: 2 }),
  ]);

  expect(firstUnread(messages, 4, me)?.seq).toBe(6);
  expect(firstUnread(messages, 7, me)).toBeUndefined();
});
