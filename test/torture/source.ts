import type { Caller } from '../caller.js';
import { messageRowOf, rowOf } from './events.js';
import type { Row } from './history.js';
import { call } from './http-call.js';
import type { WireNotification, WireRow } from './streams/stream.js';

/** A log that is written to and read: somebody's inbox, or a conversation. */
export interface Source {
  /** In a history: whose it is. */
  readonly name: string;
  /** As a SUBSCRIBE names it. */
  readonly destination: string;
  /** Its pages over REST. */
  readonly path: string;
  rowOf(row: WireRow): Row;
}

interface Page {
  readonly items: readonly WireRow[];
  readonly next: string | null;
}

/** Whose it is sees it, and nobody else. */
export function inboxOf({ user }: Pick<Caller, 'user'>): Source {
  return {
    name: user.email,
    destination: '/user/queue/notifications',
    path: '/api/notifications',
    rowOf: (row) => rowOf(row as WireNotification),
  };
}

/** What is said in a conversation. */
export function conversation(id: number): Source {
  return {
    name: `conversation ${id}`,
    destination: `/topic/conversations.${id}`,
    path: `/api/conversations/${id}/messages`,
    rowOf: (row) => messageRowOf(row as WireRow & { readonly text: string }),
  };
}

/** All rows, oldest first, page by page over REST. */
export async function load({ path, rowOf }: Source, port: number, token: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after: string | null = 'earliest'; after !== null;) {
    const page = `${path}?limit=100&after=${encodeURIComponent(after)}`;
    const { status, body } = await call({ port, method: 'GET', path: page, token });
    if (status !== 200) throw new Error(`${page}: ${status} ${JSON.stringify(body)}`);
    const { items, next } = body as Page;
    rows.push(...items.map((row) => rowOf(row)));
    after = next;
  }
  return rows;
}
