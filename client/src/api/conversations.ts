import type { Http } from './http.js';
import type { Conversation, ConversationMessage, MessagePage, Page, ReadTo } from './types.js';

/** Newest first. @param after the `next` of the page before; undefined for the first */
export function listConversations(http: Http, after: string | undefined): Promise<Page<Conversation>> {
  const query = new URLSearchParams({ limit: '50', ...(after !== undefined && { after }) });
  return http(`/conversations?${query}`);
}

/** Begins a conversation with somebody, or finds the one that there is. */
export function beginConversation(http: Http, userId: number, key: string): Promise<Conversation> {
  return http('/conversations', { method: 'POST', body: { memberIds: [userId] }, key });
}

/** Reads one conversation. */
export function findConversation(http: Http, id: number): Promise<Conversation> {
  return http(`/conversations/${id}`);
}

/** Newest first. @param before the `next` of the page before; undefined for the newest */
export function listMessages(http: Http, id: number, before: string | undefined): Promise<MessagePage> {
  const query = new URLSearchParams({ limit: '50', ...(before !== undefined && { before }) });
  return http(`/conversations/${id}/messages?${query}`);
}

/** Oldest first: what was said behind a cursor. */
export function listMessagesAfter(http: Http, id: number, after: string): Promise<MessagePage> {
  return http(`/conversations/${id}/messages?${new URLSearchParams({ limit: '100', after })}`);
}

/** Says something. @param clientId the same for each try: it is said once */
export function sayMessage(
  http: Http,
  id: number,
  said: { readonly text: string; readonly clientId: string },
): Promise<ConversationMessage> {
  return http(`/conversations/${id}/messages`, { method: 'POST', body: said });
}

/** Has read all up to that number; it never goes back. */
export function readMessages(http: Http, id: number, upTo: number): Promise<ReadTo> {
  return http(`/conversations/${id}/read`, { method: 'PATCH', body: { upTo } });
}

/** All up to that number has come to this person. */
export function gotMessages(http: Http, id: number, upTo: number): Promise<void> {
  return http(`/conversations/${id}/delivered`, { method: 'POST', body: { upTo } });
}
