import { isUtf8 } from 'node:buffer';
import type { Message } from '../broker/message.js';
import { encode } from '../stomp/encoder.js';
import type { Version } from '../stomp/version.js';

/** How one subscription sees messages. */
export interface View {
  readonly version: Version;
  /** What its client calls it; STOMP 1.0 allows none. */
  readonly subscription: string | undefined;
  /** Never a user's resolved address but the one that the client knows; undefined: the message's own. */
  readonly destination: string | undefined;
  /** The wire carries text only (SockJS). */
  readonly isTextOnly: boolean;
}

/** A view with what names it: the same for views that see the same bytes. */
export interface KeyedView extends View {
  readonly key: string;
}

/** To be called once, and not for each message. */
export function keyed(view: View): KeyedView {
  const { version, subscription = '', destination = '', isTextOnly } = view;
  const key = `${version}${isTextOnly ? 't' : ''} ${subscription.length} ${subscription}${destination}`;
  // Not spread: that makes an object of a shape of its own, 200 bytes more for each subscription.
  return { version, subscription: view.subscription, destination: view.destination, isTextOnly, key };
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

  /** A message as a subscription without acknowledgements sees it. */
  encode(message: Message, view: KeyedView): Uint8Array {
    this.#turnTo(message);
    const known = this.#encoded.get(view.key);
    if (known) return known;
    const frame = this.#encode(message, view);
    // Clients that name their subscriptions each in its own way share nothing, and shouldn't cost memory for it.
    if (this.#encoded.size < MOST_FRAMES) this.#encoded.set(view.key, frame);
    return frame;
  }

  /** In the modes `client` and `client-individual` each delivery has an id of its own. */
  encodeToBeAcked(message: Message, view: View, ack: string): Uint8Array {
    this.#turnTo(message);
    return this.#encode(message, view, ack);
  }

  #turnTo(message: Message): void {
    if (message === this.#message) return;
    this.#message = message;
    this.#isBinary = !isUtf8(message.body);
    this.#encoded.clear();
  }

  #encode(message: Message, view: View, ack?: string): Uint8Array {
    const { version, subscription, destination = message.address, isTextOnly } = view;
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
