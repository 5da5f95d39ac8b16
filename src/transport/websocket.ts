import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { withOthers, type Timer } from '../broker/clock.js';
import type { Wire } from '../session/ports.js';
import type { Connection } from './connections.js';
import { Outbox, type Sink } from './outbox.js';
import type { Conversation, TransportServices } from './services.js';
import type { WebSocketBatch } from './websocket-batch.js';

/** RFC 6455, 7.4.1: a message too big to process. */
const MESSAGE_TOO_BIG = 1009;
/** SockJS protocol: what came isn't JSON, or isn't strings. */
const BROKEN_FRAMING = 3000;
/** RFC 6455, 5.5: a control frame holds 125 bytes, and a close code takes two of them. */
const CLOSE_REASON_BYTES = 123;

/** ws answers a message over its limit with a bare 1009; this one lets the session say ERROR first. */
export class StompWebSocket extends WebSocket {
  onMessageTooBig: (() => void) | undefined;

  override close(code?: number, reason?: string | Buffer): void {
    const isOwnVerdict = code === MESSAGE_TOO_BIG && reason === undefined;
    if (isOwnVerdict && this.onMessageTooBig) this.onMessageTooBig();
    else super.close(code, reason);
  }
}

/** One WebSocket connection: bytes to its session, frames through its outbox. */
export class WebSocketWire implements Wire, Sink, Connection {
  readonly transport: string;
  readonly isStream = true;
  readonly isTextOnly: boolean;
  readonly silenceMarginMs = 0;
  readonly #webSocket: StompWebSocket;
  readonly #socket: Duplex;
  readonly #batch: WebSocketBatch;
  readonly #services: TransportServices;
  readonly #outbox: Outbox;
  readonly #conversation: Conversation;
  #beat: Timer | undefined;
  #cutTimer: Timer | undefined;
  #isClosing = false;

  /** @param socket the one under `webSocket`, as it came with the upgrade */
  constructor({ webSocket, socket, batch, remoteAddress }: Accepted, services: TransportServices) {
    const { envelope } = batch;
    this.transport = envelope.transport;
    this.isTextOnly = envelope.isTextOnly;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#batch = batch;
    this.#services = services;
    this.#outbox = new Outbox(this, { ...services, onOverflow: () => this.#overflowed() });

    if (envelope.opening !== undefined) webSocket.send(envelope.opening);
    this.#keepBeating();
    this.#conversation = services.openSession(this, remoteAddress);

    socket.on('drain', () => this.#outbox.flush());
    webSocket.on('message', (message: Buffer) => this.#receive(message));
    webSocket.on('ping', () => this.#conversation.heard());
    webSocket.on('pong', () => this.#conversation.heard());
    // What went wrong shows in the close that follows.
    webSocket.on('error', () => undefined);
    webSocket.on('close', () => this.#gone());
    webSocket.onMessageTooBig = () => this.#conversation.end('frame_too_large');
  }

  send(frame: Uint8Array): void {
    this.#outbox.push(frame);
  }

  hasRoom(): boolean {
    return this.#outbox.hasRoom();
  }

  onRoom(callback: () => void): void {
    this.#outbox.onRoom(callback);
  }

  pause(): void {
    if (!this.#isClosing) this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  probe(): boolean {
    this.#webSocket.ping();
    return true;
  }

  close(code: number, reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#beat?.cancel();
    this.#cutTimer = this.#services.clock.after(this.#services.limits.closeMs, () => this.cut());
    this.#discardWhatComes();
    this.#outbox.end(() => this.#sayGoodbye(code, reason));
  }

  cut(): void {
    this.#webSocket.terminate();
  }

  take(frames: readonly Uint8Array[]): number {
    if (this.#socket.writableNeedDrain) return 0;
    // Past `ws`, which holds nothing back without compression: what it was given before has been written.
    if (this.#webSocket.readyState === WebSocket.OPEN) this.#socket.write(this.#batch.bytesOf(frames));
    return frames.length;
  }

  unsentBytes(): number {
    return this.#socket.writableLength;
  }

  #receive(message: Buffer): void {
    if (this.#isClosing) return;
    const pieces = this.#batch.envelope.unwrap(message);
    if (!pieces) {
      this.#conversation.lost('malformed_frame');
      this.close(BROKEN_FRAMING, 'Broken framing.');
      return;
    }
    try {
      for (const bytes of pieces) this.#conversation.receive(bytes);
    } catch (error) {
      // An exception in a listener would end the process.
      this.#services.report(error);
      this.#conversation.lost('internal_error');
      this.close(1011, 'internal_error');
    }
  }

  #overflowed(): void {
    this.#conversation.lost('slow_consumer');
    this.close(4408, 'slow_consumer');
  }

  #sayGoodbye(code: number, reason: string): void {
    const farewell = this.#batch.envelope.farewell?.(code, reason);
    if (farewell !== undefined) this.#webSocket.send(farewell);
    this.#webSocket.close(code, Buffer.from(reason).subarray(0, CLOSE_REASON_BYTES));
  }

  /**
   * A client that is still sending is read on for a moment: data that a closed socket leaves unread makes TCP
   * answer with a reset, and a reset eats the ERROR that is on its way.
   */
  #discardWhatComes(): void {
    this.#webSocket.resume();
    let discarded = 0;
    this.#socket.on('data', (bytes: Buffer) => {
      discarded += bytes.byteLength;
      if (discarded > this.#services.limits.lingerBytes) this.cut();
    });
  }

  #keepBeating(): void {
    const { heartbeat } = this.#batch.envelope;
    if (!heartbeat) return;
    const { clock } = this.#services;
    const { everyMs } = heartbeat;
    this.#beat = clock.after(withOthers(clock, everyMs, everyMs, 'sooner'), () => {
      // A reader who hasn't taken the last bytes needs no more of them.
      if (this.#outbox.waitingBytes === 0) this.#webSocket.send(heartbeat.payload);
      this.#keepBeating();
    });
  }

  #gone(): void {
    this.#isClosing = true;
    this.#beat?.cancel();
    this.#cutTimer?.cancel();
    this.#outbox.close();
    this.#conversation.lost();
  }
}

/** A finished handshake. */
export interface Accepted {
  readonly webSocket: StompWebSocket;
  readonly socket: Duplex;
  /** Shared by all connections of one envelope. */
  readonly batch: WebSocketBatch;
  readonly remoteAddress: string;
}
