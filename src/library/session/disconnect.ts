import type { Work } from './connected.js';

/** STOMP 1.2, DISCONNECT: its RECEIPT says that all before it was handled; nothing after it is accepted. */
export function disconnect(): Work {
  return { isLast: true };
}
