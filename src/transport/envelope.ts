import { isUtf8 } from 'node:buffer';

/** A WebSocket message to send. */
export interface Outgoing {
  readonly payload: Uint8Array;
  readonly isBinary: boolean;
}

/** How STOMP frames travel in WebSocket messages: as they are, or in SockJS's envelopes. */
export interface Envelope {
  readonly transport: string;
  readonly isTextOnly: boolean;
  /** The first message, and the one that is sent now and then so that proxies keep the connection. */
  readonly opening?: string;
  readonly heartbeat?: { readonly payload: string; readonly everyMs: number };
  wrap(frames: readonly Uint8Array[]): readonly Outgoing[];
  /** The pieces of a message; undefined if it isn't in this envelope at all. */
  unwrap(message: Buffer): readonly Uint8Array[] | undefined;
  /** What is said before the WebSocket's own close. */
  farewell?(code: number, reason: string): string;
}

/** One STOMP frame is one message: text where it is UTF-8, else binary. Towards us messages may cut frames anywhere. */
export const plainEnvelope: Envelope = {
  transport: 'websocket',
  isTextOnly: false,
  wrap: (frames) => frames.map((frame) => ({ payload: frame, isBinary: !isUtf8(frame) })),
  unwrap: (message) => [message],
};
