import { isUtf8 } from 'node:buffer';
import { cursorOf } from '../broker/cursor.js';
import { CURSOR, isSameForUsers, type Message } from '../broker/message.js';
import { encodeLines, headerLines } from '../stomp/encoder.js';
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

/** The header lines that all frames of a view have; mostly one object for all subscriptions that see the same. */
export interface SharedView extends Pick<View, 'version' | 'isTextOnly'> {
  readonly destinationLine: string | undefined;
  readonly subscriptionLine: string;
}

const MOST_VIEWS = 256;
const MOST_FRAMES = 16;

/**
 * Messages as MESSAGE frames. Publishing hands one message to all its subscribers in one go, or to those of many users,
 * and stock clients number their subscriptions alike: so the bytes are mostly the same, and are encoded once.
 */
export class MessageFrames {
  readonly #views = new Map<string, SharedView>();
  #message: Message | undefined;
  #isBinary = false;
  /** What the message was encoded to, and for whom. Arrays, since mostly there is one: a Map costs more to clear. */
  #seenBy: SharedView[] = [];
  #encoded: Uint8Array[] = [];

  /** To be called once for a subscription, and not for each message. */
  viewOf(view: View): SharedView {
    const { version, subscription, destination, isTextOnly } = view;
    // Clients choose what is in it, so that no two views may be written alike: no id and an empty one neither.
    const key = JSON.stringify([version, isTextOnly, subscription, destination]);
    const known = this.#views.get(key);
    if (known) return known;
    const made = {
      version,
      isTextOnly,
      destinationLine:
        destination === undefined ? undefined : headerLines([['destination', destination]], version),
      subscriptionLine:
        subscription === undefined ? '' : headerLines([['subscription', subscription]], version),
    };
    // Clients choose these names, and may choose them all different.
    if (this.#views.size >= MOST_VIEWS) this.#views.clear();
    this.#views.set(key, made);
    return made;
  }

  /** A message as a subscription without acknowledgements sees it. */
  encode(message: Message, view: SharedView): Uint8Array {
    this.#prepareFor(message);
    const known = this.#encoded[this.#seenBy.indexOf(view)];
    if (known) return known;
    const frame = this.#encode(message, view);
    // Clients that name their subscriptions each in its own way share nothing, and shouldn't cost memory for it.
    if (this.#encoded.length < MOST_FRAMES) {
      this.#seenBy.push(view);
      this.#encoded.push(frame);
    }
    return frame;
  }

  /** In the modes `client` and `client-individual` each delivery has an id of its own. */
  encodeToBeAcked(message: Message, view: SharedView, ack: string): Uint8Array {
    this.#prepareFor(message);
    return this.#encode(message, view, ack);
  }

  #prepareFor(message: Message): void {
    if (message === this.#message) return;
    const known = this.#message;
    this.#message = message;
    if (isSameForUsers(message, known)) return;
    this.#isBinary = !isUtf8(message.body);
    this.#seenBy.length = 0;
    this.#encoded.length = 0;
  }

  #encode(message: Message, view: SharedView, ack?: string): Uint8Array {
    const { version, destinationLine, subscriptionLine, isTextOnly } = view;
    const { position } = message;
    // STOMP 1.2, MESSAGE: destination, message-id and subscription; ack in the modes that ask for one.
    const lines =
      (destinationLine ?? headerLines([['destination', message.address]], version)) +
      headerLines([['message-id', message.id]], version) +
      subscriptionLine +
      (ack === undefined ? '' : headerLines([['ack', ack]], version)) +
      (position ? headerLines([[CURSOR, cursorOf(position)]], version) : '') +
      headerLines(message.headers, version);
    if (!this.#isBinary || !isTextOnly) return encodeLines('MESSAGE', lines, message.body);

    const body = Buffer.from(Buffer.from(message.body).toString('base64'));
    return encodeLines('MESSAGE', `${lines}content-transfer-encoding:base64\n`, body);
  }
}
