import { cursorOf } from '../broker/cursor.js';
import { EVENT_TYPE, type Message } from '../broker/message.js';
import { jsonBodyOf, jsonTextOf } from './json-body.js';

/** Engine.IO's type `message`, then Socket.IO's `EVENT`, in the namespace `/` (Socket.IO protocol, Packet encoding). */
const EVENT = '42';

/** Messages as packets of Socket.IO: encoded once each, for all that are sent it. */
export class SocketIoEvents {
  readonly #encoded = new WeakMap<Message, Uint8Array>();
  /** One body that goes to the addresses of many users. */
  readonly #byBody = new WeakMap<Uint8Array, { readonly type: string; readonly packet: Uint8Array }>();

  /** What came to the user: the event is its `event-type`. */
  ofUser(message: Message): Uint8Array {
    const type = message.headers.get(EVENT_TYPE) ?? 'message';
    const known = this.#byBody.get(message.body);
    if (known?.type === type) return known.packet;
    const packet = Buffer.from(`${EVENT}[${JSON.stringify(type)},${jsonTextOf(message)}]`);
    this.#byBody.set(message.body, { type, packet });
    return packet;
  }

  /** A row of the inbox: the event is `notification`, and the members of its data stand beside its own. */
  ofInbox(message: Message): Uint8Array {
    let packet = this.#encoded.get(message);
    if (!packet) {
      packet = packetOf('notification', notificationOf(message));
      this.#encoded.set(message, packet);
    }
    return packet;
  }

  /** What is said of a subscription itself: the verdict on a `since`, and that messages may be lost. */
  ofControl(message: Message): Uint8Array {
    return packetOf(message.headers.get(EVENT_TYPE) ?? 'message', withCursor(jsonBodyOf(message), message));
  }
}

/** An event with its values, as a message of Engine.IO. */
export function packetOf(event: string, ...values: readonly unknown[]): Uint8Array {
  return Buffer.from(EVENT + JSON.stringify([event, ...values]));
}

function notificationOf(message: Message): unknown {
  const notification = jsonBodyOf(message);
  if (!isObject(notification)) return notification;
  const { data } = notification;
  return withCursor({ ...(isObject(data) && data), ...notification }, message);
}

function withCursor(body: unknown, { position, headers }: Message): unknown {
  if (!isObject(body)) return body;
  return {
    ...body,
    ...(position && { cursor: cursorOf(position) }),
    ...(headers.get('replayed') === 'true' && { replayed: true }),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
