import { EVENT_TYPE, type Message } from './message.js';

/**
 * Says to a subscriber that messages of its address may be lost, and nobody has them: a client that has to know the
 * present state asks for it anew. The body is JSON, `{"since": "2026-01-05T09:00:00.000Z"}`: up to then none was.
 * @param since ms since the Unix epoch
 */
export function gapMessage(id: string, address: string, since: number): Message {
  return {
    id,
    address,
    isControl: true,
    headers: new Map([
      ['content-type', 'application/json'],
      [EVENT_TYPE, 'gap'],
    ]),
    body: Buffer.from(JSON.stringify({ since: new Date(since).toISOString() })),
  };
}
