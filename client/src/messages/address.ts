/** The page of a conversation. */
export function pageOf(conversationId: number): string {
  return `/messages/${conversationId}`;
}

/** Whether a path is one of the messages' pages. */
export function isMessages(path: string): boolean {
  return path === '/messages' || conversationIn(path) !== undefined;
}

/** Which conversation a path names; undefined for none. */
export function conversationIn(path: string): number | undefined {
  const [, digits] = /^\/messages\/(\d{1,15})$/.exec(path) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
