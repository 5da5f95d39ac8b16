import type { Conversation, Page, ReadTo } from '../api/types.js';
import { positionOf } from '../realtime/position.js';
import { say } from '../words/words.js';

/** The conversations that the page knows. */
export interface ConversationList {
  /** The newest first. */
  readonly items: readonly Conversation[];
  /** The position of the next page; null at the end. */
  readonly next: string | null;
}

/** Takes in the first page: what it doesn't reach down to stays as it was. */
export function withFirstPage(
  list: ConversationList | undefined,
  page: Page<Conversation>,
): ConversationList {
  const oldest = page.items.at(-1);
  // All of them: one that isn't among them isn't there any more.
  if (page.next === null || !list || !oldest) return { items: newer(list, page.items), next: page.next };
  const known = new Set(page.items.map(({ id }) => id));
  const below = list.items.filter(({ id, updatedAt }) => !known.has(id) && updatedAt <= oldest.updatedAt);
  return {
    items: sorted([...newer(list, page.items), ...below]),
    next: below.length > 0 ? list.next : page.next,
  };
}

/** Takes in a further page. */
export function withNextPage(list: ConversationList, page: Page<Conversation>): ConversationList {
  const known = new Set(list.items.map(({ id }) => id));
  return {
    items: sorted([...list.items, ...page.items.filter(({ id }) => !known.has(id))]),
    next: page.next,
  };
}

/** Takes in one that was begun, or has changed. An answer that is older than what is known changes nothing. */
export function withConversation(list: ConversationList, conversation: Conversation): ConversationList {
  const others = list.items.filter(({ id }) => id !== conversation.id);
  return { ...list, items: sorted([...others, ...newer(list, [conversation])]) };
}

/** Takes one away. */
export function withoutConversation(list: ConversationList, gone: number): ConversationList {
  return { ...list, items: list.items.filter(({ id }) => id !== gone) };
}

/** This person has read so far. */
export function withReadTo(
  list: ConversationList,
  id: number,
  { readSeq, unread }: ReadTo,
): ConversationList {
  const items = list.items.map((item) =>
    item.id === id && readSeq > item.readSeq ? { ...item, readSeq, unread } : item,
  );
  return { ...list, items };
}

/** How many messages nobody has read, in all of them. */
export function unreadIn(list: ConversationList | undefined): number {
  return (list?.items ?? []).reduce((sum, { unread }) => sum + unread, 0);
}

/** What it is called: its title, or who else is in it. */
export function titleOf({ title, members }: Pick<Conversation, 'title' | 'members'>, ownId: number): string {
  const others = members.filter(({ id }) => id !== ownId).map(({ name }) => name);
  return title ?? (others.join(', ') || say('messages.nobodyElse'));
}

function newer(list: ConversationList | undefined, fresh: readonly Conversation[]): Conversation[] {
  const known = new Map((list?.items ?? []).map((item) => [item.id, item]));
  return fresh.map((item) => {
    const before = known.get(item.id);
    return before && isOlder(item, before) ? before : item;
  });
}

/** Numbers of one epoch only grow. */
function isOlder(one: Conversation, other: Conversation): boolean {
  if (positionOf(one.cursor)?.epoch !== positionOf(other.cursor)?.epoch) return false;
  return one.lastSeq < other.lastSeq || one.readSeq < other.readSeq;
}

function sorted(items: readonly Conversation[]): readonly Conversation[] {
  return items.toSorted((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt) || b.id - a.id);
}
