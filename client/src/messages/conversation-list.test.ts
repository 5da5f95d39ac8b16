import { describe, expect, it } from 'vitest';
import type { Conversation } from '../api/types.js';
import {
  titleOf,
  unreadIn,
  withConversation,
  withFirstPage,
  withNextPage,
  withoutConversation,
  withReadTo,
  type ConversationList,
} from './conversation-list.js';

function conversation(id: number, parts: Partial<Conversation> = {}): Conversation {
  return {
    ...{ id, title: null, members: [], createdBy: 1, lastSeq: 3, readSeq: 1, unread: 2, cursor: 'e:3' },
    ...{ updatedAt: `2026-11-28T10:00:0${id}.000Z`, lastMessage: null },
    ...parts,
  };
}

function ids({ items }: ConversationList): readonly number[] {
  return items.map(({ id }) => id);
}

const list = withFirstPage(undefined, { items: [3, 2, 1].map((id) => conversation(id)), next: null });

describe('a first page', () => {
  it('that is all there is takes away what isn’t on it', () => {
    expect(ids(withFirstPage(list, { items: [conversation(3)], next: null }))).toEqual([3]);
  });

  it('leaves what it doesn’t reach down to', () => {
    expect(ids(withFirstPage(list, { items: [conversation(4), conversation(3)], next: 'x' }))).toEqual([
      4, 3, 2, 1,
    ]);
  });

  it('that is older than what came meanwhile changes nothing', () => {
    const read = withReadTo(list, 3, { readSeq: 3, unread: 0 });

    expect(withFirstPage(read, { items: [conversation(3)], next: null }).items[0]?.unread).toBe(0);
  });

  it('of another epoch is taken as it is', () => {
    const restored = conversation(3, { lastSeq: 1, cursor: 'f:1' });

    expect(withFirstPage(list, { items: [restored], next: null }).items).toEqual([restored]);
  });
});

it('a further page comes below', () => {
  expect(ids(withNextPage({ ...list, next: 'x' }, { items: [conversation(0)], next: null }))).toEqual([
    3, 2, 1, 0,
  ]);
});

it('the newest is the first', () => {
  const said = conversation(1, { lastSeq: 4, updatedAt: '2026-11-28T11:00:00.000Z' });

  expect(ids(withConversation(list, said))).toEqual([1, 3, 2]);
});

it('one that is gone is gone', () => {
  expect(ids(withoutConversation(list, 2))).toEqual([3, 1]);
});

it('reading goes forward alone', () => {
  const read = withReadTo(list, 2, { readSeq: 3, unread: 0 });

  expect(unreadIn(read)).toBe(4);
  expect(withReadTo(read, 2, { readSeq: 2, unread: 1 })).toEqual(read);
});

it.each([
  [{ title: 'Knee', members: [] }, 'Knee'],
  [
    {
      title: null,
      members: [
        { id: 1, name: 'Paula' },
        { id: 2, name: 'Dr. Osei' },
      ],
    },
    'Dr. Osei',
  ],
  [{ title: null, members: [{ id: 1, name: 'Paula' }] }, 'Nobody else'],
])('%j is called %s', (parts, title) => {
  expect(titleOf(parts, 1)).toBe(title);
});
