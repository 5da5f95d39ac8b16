import { cursorOf } from '../broker/cursor.js';
import { EVENT_TYPE, type Message } from '../broker/message.js';
import { SYSTEM } from './channels.js';
import { jsonBodyOf, membersOf } from './json-body.js';

/** Messages as channel sockets show them: encoded once each, for all that are sent it. */
export class ChannelMessages {
  readonly #encoded = new WeakMap<Message, Uint8Array>();

  /** What was said in a channel: as it was said, where it is a channel's message. */
  said(message: Message, channel: string): Uint8Array {
    return this.#once(message, () => {
      const body = jsonBodyOf(message);
      if (typeof membersOf(body).cmd === 'string') return { channel, ...(body as object) };
      return { channel, cmd: commandOf(message) ?? 'message', param: paramOf(body) };
    });
  }

  /** A row of the inbox. */
  notification(message: Message, channel: string): Uint8Array {
    return this.#once(message, () => {
      const { id, type, title, message: text, timestamp, data } = membersOf(jsonBodyOf(message));
      return {
        channel,
        cmd: 'notification',
        param: {
          ...{ id, type, title: title ?? membersOf(data)['title'], message: text },
          ...{ timestamp, data, ...place(message) },
        },
      };
    });
  }

  /** What everybody is told. */
  system(message: Message): Uint8Array {
    return this.#once(message, () => ({
      channel: SYSTEM,
      cmd: 'system-update',
      param: { ...paramOf(jsonBodyOf(message)), ...place(message) },
    }));
  }

  /** A verdict, or a gap: said of one connection's subscription. */
  control(message: Message, channel: string): object {
    return {
      channel,
      cmd: commandOf(message),
      param: { ...paramOf(jsonBodyOf(message)), ...place(message) },
    };
  }

  #once(message: Message, shown: () => object): Uint8Array {
    let encoded = this.#encoded.get(message);
    if (!encoded) {
      encoded = Buffer.from(JSON.stringify(shown()));
      this.#encoded.set(message, encoded);
    }
    return encoded;
  }
}

function commandOf({ headers }: Message): string | undefined {
  return headers.get(EVENT_TYPE);
}

function paramOf(body: unknown): object {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? body : { message: body };
}

function place({ position, headers }: Message): object {
  return {
    ...(position && { cursor: cursorOf(position) }),
    ...(headers.get('replayed') === 'true' && { replayed: true }),
  };
}
