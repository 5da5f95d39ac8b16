import { cursorOf } from '../broker/cursor.js';
import { EVENT_TYPE, type Message } from '../broker/message.js';
import { jsonBodyOf, membersOf } from './json-body.js';

/** The answers of the server: who chooses a type can't forge one. */
const WORDS: ReadonlySet<string> = new Set([
  'authenticated',
  'subscribed',
  'unsubscribed',
  'pong',
  'stats',
  'acked',
  'resume',
  'gap',
  'error',
  'notification',
]);

/** Messages as notification sockets show them: encoded once each, for all that are sent it. */
export class NotificationEvents {
  readonly #encoded = new WeakMap<Message, Uint8Array>();

  /** @param now for a notification that doesn't say when it was made, in s since the Unix epoch */
  ofInbox(message: Message, now: number): Uint8Array {
    return this.#once(message, () => {
      const { headers, position } = message;
      const notification = jsonBodyOf(message);
      const { data, timestamp } = membersOf(notification);
      return {
        ...named(headers.get(EVENT_TYPE)),
        timestamp: secondsOf(timestamp) ?? now,
        data: data ?? notification,
        cursor: position && cursorOf(position),
        ...(headers.get('replayed') === 'true' && { replayed: true }),
        notification,
      };
    });
  }

  ofBroadcast(message: Message, now: number): Uint8Array {
    return this.#once(message, () => ({
      ...named(message.headers.get(EVENT_TYPE)),
      timestamp: now,
      data: jsonBodyOf(message),
    }));
  }

  /** @param now for a message that doesn't say when it was said: a kept one may be old */
  ofTopic(message: Message, now: number): Uint8Array {
    return this.#once(message, () => {
      const { address, headers, position } = message;
      const data = jsonBodyOf(message);
      return {
        ...named(headers.get(EVENT_TYPE) ?? 'message'),
        timestamp: secondsOf(membersOf(data)['timestamp']) ?? now,
        topic: address,
        data,
        cursor: position && cursorOf(position),
        ...(headers.get('replayed') === 'true' && { replayed: true }),
      };
    });
  }

  #once(message: Message, event: () => object): Uint8Array {
    let encoded = this.#encoded.get(message);
    if (!encoded) {
      encoded = Buffer.from(JSON.stringify(event()));
      this.#encoded.set(message, encoded);
    }
    return encoded;
  }
}

function named(type = 'message'): { type: string; event_type?: string } {
  return WORDS.has(type) ? { type: 'notification', event_type: type } : { type };
}

function secondsOf(timestamp: unknown): number | undefined {
  const ms = typeof timestamp === 'string' ? Date.parse(timestamp) : NaN;
  return Number.isNaN(ms) ? undefined : Math.floor(ms / 1000);
}
