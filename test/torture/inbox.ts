import { rowOf } from './events.js';
import type { Row } from './history.js';
import { call } from './http-call.js';
import type { WireNotification } from './streams/stream.js';

interface Page {
  readonly items: readonly WireNotification[];
  readonly next: string | null;
}

/** All rows of a user, oldest first, page by page over REST. */
export async function loadInbox(port: number, token: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after: string | null = 'earliest'; after !== null;) {
    const path = `/api/notifications?limit=100&after=${encodeURIComponent(after)}`;
    const { status, body } = await call({ port, method: 'GET', path, token });
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
    const page = body as Page;
    rows.push(...page.items.map(rowOf));
    after = page.next;
  }
  return rows;
}
