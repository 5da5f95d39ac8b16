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

/**
 * STOMP frames as the bytes of WebSocket messages, all in one buffer and so in one write. Publishing gives many readers
 * the same frames at the same time: the last batch is remembered, and made once for all of them. Handing each message to
 * `ws` for each reader costs 1.3 times as much where one comes at a time, and twice where thirty come together.
 */
export class WebSocketBatch {
  #frames: readonly Uint8Array[] = [];
  #bytes: Buffer = Buffer.alloc(0);

  constructor(readonly envelope: Envelope) {}

  /** @param frames not to be changed afterwards */
  bytesOf(frames: readonly Uint8Array[]): Buffer {
    if (!isSame(frames, this.#frames)) {
      this.#bytes = messages(this.envelope.wrap(frames));
      this.#frames = frames;
    }
    return this.#bytes;
  }
}

function isSame(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return some.length === others.length && some.every((frame, i) => frame === others[i]);
}

function messages(outgoing: readonly Enveloped[]): Buffer {
  const length = outgoing.reduce((sum, { payload }) => sum + headBytes(payload) + payload.byteLength, 0);
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const { payload, isBinary } of outgoing) {
    at = writeHead(bytes, at, payload.byteLength, isBinary ? BINARY : TEXT);
    bytes.set(payload, at);
    at += payload.byteLength;
  }
  return bytes;
}

function headBytes({ byteLength }: Uint8Array): number {
  if (byteLength < 126) return 2;
  return byteLength < 65_536 ? 4 : 10;
}

/** RFC 6455, 5.2: a server masks nothing. @returns where the payload starts */
function writeHead(bytes: Buffer, at: number, length: number, first: number): number {
  bytes[at] = first;
  if (length < 126) return bytes.writeUInt8(length, at + 1);
  bytes[at + 1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) return bytes.writeUInt16BE(length, at + 2);
  return bytes.writeBigUInt64BE(BigInt(length), at + 2);
}

/** RFC 6455, 5.2: FIN, and what the payload is. */
const TEXT = 0x81;
const BINARY = 0x82;
