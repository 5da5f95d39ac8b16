/** The addresses of conversations as topics: each has the conversation's messages as its log. */
const PREFIX = '/topic/conversations.';

/** The address of a conversation's log. */
export function addressOf(conversationId: number): string {
  return `${PREFIX}${conversationId}`;
}

/** Whether only members may name it, and no pattern or role opens it. */
export function isConversation(address: string): boolean {
  return address.startsWith(PREFIX);
}

/** Undefined for what can't be one's address. */
export function conversationIn(address: string): number | undefined {
  const digits = isConversation(address) ? /^[1-9]\d{0,15}$/.exec(address.slice(PREFIX.length)) : null;
  return digits ? Number(digits[0]) : undefined;
}
