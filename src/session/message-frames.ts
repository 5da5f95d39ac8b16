import { isUtf8 } from 'node:buffer';
import type { Message } from '../broker/message.js';
import { encode } from '../stomp/encoder.js';
import type { Version } from '../stomp/version.js';

/** How one subscription wants to see a message. */
export interface Delivery {
  readonly version: Version;
  /** What its client calls it; STOMP 1.0 allows none. */
  readonly subscription: string | undefined;
  readonly destination: string;
  /** Present in the modes `client` and `client-individual`. */
  readonly ack?: string | undefined;
  /** The wire carries text only (SockJS). */
  readonly isTextOnly: boolean;
}

const MOST_FRAMES = 16;

/**
 * Messages as MESSAGE frames. Publishing hands one message to all its subscribers in one go, and stock clients number
 * their subscriptions alike: so the bytes are mostly the same, and are encoded once.
 */
export class MessageFrames {
  #message: Message | undefined;
  #isBinary = false;
  readonly #encoded = new Map<string, Uint8Array>();

  encode(message: Message, delivery: Delivery): Uint8Array {
    if (message !== this.#message) {
      this.#message = message;
      this.#isBinary = !isUtf8(message.body);
      this.#encoded.clear();
    }
    if (delivery.ack !== undefined) return this.#encode(message, delivery);

    const { version, subscription = '', destination, isTextOnly } = delivery;
    const key = `${version}${isTextOnly && this.#isBinary ? 't' : ''} ${subscription.length} ${subscription}${destination}`;
    const known = this.#encoded.get(key);
    if (known) return known;
    const frame = this.#encode(message, delivery);
    // Clients that name their subscriptions each in its own way share nothing, and shouldn't cost memory for it.
    if (this.#encoded.size < MOST_FRAMES) this.#encoded.set(key, frame);
    return frame;
  }

  #encode(message: Message, { version, subscription, destination, ack, isTextOnly }: Delivery): Uint8Array {
    // STOMP 1.2, MESSAGE: destination, message-id and subscription; ack in the modes that ask for one.
    const headers: [string, string][] = [
      ['destination', destination],
      ['message-id', message.id],
    ];
    if (subscription !== undefined) headers.push(['subscription', subscription]);
    if (ack !== undefined) headers.push(['ack', ack]);
    headers.push(...message.headers);
    if (!this.#isBinary || !isTextOnly)
      return encode({ command: 'MESSAGE', headers, body: message.body }, version);

    headers.push(['content-transfer-encoding', 'base64']);
    const body = Buffer.from(Buffer.from(message.body).toString('base64'));
    return encode({ command: 'MESSAGE', headers, body }, version);
  }
}
