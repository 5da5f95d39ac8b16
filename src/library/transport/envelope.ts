import { isUtf8 } from 'node:buffer';

/** A WebSocket message to send. */
export interface Enveloped {
  readonly payload: Uint8Array;
  readonly isBinary: boolean;
}

/** The octets of STOMP in one message of a socket; undefined where the message isn't allowed. */
export type Unwrap = (message: Buffer) => readonly Uint8Array[] | undefined;

/** How STOMP frames travel in WebSocket messages: as they are, or in SockJS's envelopes. */
export interface Envelope {
  readonly transport: string;
  readonly isTextOnly: boolean;
  /** The first message. */
  readonly opening?: string;
  /** How long nothing may be written, and the message that is written then; without one it is a WebSocket ping. */
  readonly silenceMs: number;
  readonly heartbeat?: string;
  wrap(frames: readonly Uint8Array[]): readonly Enveloped[];
  /** For one connection: the pieces of each message; undefined if one isn't in this envelope at all. */
  unwrapper(): Unwrap;
  /** What is said before the WebSocket's own close. */
  farewell?(code: number, reason: string): string;
}

/** One STOMP frame is one message: text where it is UTF-8, else binary. Towards us messages may cut frames anywhere. */
export function plainEnvelope(silenceMs: number, transport = 'websocket'): Envelope {
  return {
    transport,
    isTextOnly: false,
    silenceMs,
    wrap: (frames) => frames.map((frame) => ({ payload: frame, isBinary: !isUtf8(frame) })),
    unwrapper: () => asItIs,
  };
}

function asItIs(message: Buffer): readonly Uint8Array[] {
  return [message];
}
