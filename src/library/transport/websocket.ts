import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Timer } from '../broker/clock.js';
import type { Wire } from '../session/ports.js';
import type { Share } from '../session/share.js';
import type { Connection } from './connections.js';
import type { Unwrap, WebSocketBatch } from './envelope.js';
import { KeepAlive } from './keep-alive.js';
import { Outbox, type Sink } from './outbox.js';
import type { TransportSession, TransportServices } from './services.js';
import { WebSocketReads } from './websocket-reads.js';

/** RFC 6455, 7.4.1: a message too big to process. */
const MESSAGE_TOO_BIG = 1009;
/** The same: against a policy, such as how many pieces a message may have. */
const POLICY = 1008;
/** SockJS protocol: what came isn't JSON, or isn't strings. */
const BROKEN_FRAMING = 3000;
/** RFC 6455, 5.5: a control frame holds 125 bytes, and a close code takes two of them. */
const CLOSE_REASON_BYTES = 123;

/** What a WebSocket tells the one who reads it. */
interface WebSocketReader {
  receive(message: Buffer): void;
  /** A sign of life without a message. */
  heard(): void;
  /** It reads no more: what came broke the rules. */
  broken(): void;
  tooBig(): void;
  gone(): void;
}

/**
 * Tells its reader what `ws` would emit: five listeners, and the two tables that they stand in, are 800 bytes of each idle
 * connection. And `ws` answers a message over its limits with a bare close; this one lets the session say ERROR first.
 */
export class StompWebSocket extends WebSocket {
  reader: WebSocketReader | undefined;

  override emit(event: string | symbol, ...about: unknown[]): boolean {
    switch (event) {
      case 'message':
        this.reader?.receive(about[0] as Buffer);
        return true;
      case 'ping':
      case 'pong':
        this.reader?.heard();
        return true;
      case 'error':
        // What went wrong shows in the close that follows.
        this.reader?.broken();
        return true;
      case 'close':
        this.reader?.gone();
        return true;
      default:
        return super.emit(event, ...about);
    }
  }

  override close(code?: number, reason?: string | Buffer): void {
    const isOwnVerdict = (code === MESSAGE_TOO_BIG || code === POLICY) && reason === undefined;
    if (isOwnVerdict && this.reader) this.reader.tooBig();
    else super.close(code, reason);
  }
}

/** One WebSocket connection: bytes to its session, frames through its outbox. */
export class WebSocketWire implements Wire, Sink, Connection, WebSocketReader {
  readonly transport: string;
  readonly isStream = true;
  readonly isTextOnly: boolean;
  readonly silenceMarginMs = 0;
  readonly #webSocket: StompWebSocket;
  readonly #socket: Duplex;
  readonly #batch: WebSocketBatch;
  readonly #unwrap: Unwrap;
  readonly #services: TransportServices;
  readonly #outbox: Outbox;
  readonly #remoteAddress: string;
  readonly #conversation: TransportSession;
  readonly #keepAlive: KeepAlive;
  readonly #reads: WebSocketReads;
  /** Frames are with `ws`, which compresses them. */
  #isCompressing = false;
  #cutTimer: Timer | undefined;
  #isClosing = false;

  /** @param socket the one under `webSocket`, as it came with the upgrade */
  constructor(
    { webSocket, socket, batch, remoteAddress, open }: AcceptedSocket,
    services: TransportServices,
  ) {
    const { envelope } = batch;
    this.transport = envelope.transport;
    this.isTextOnly = envelope.isTextOnly;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#batch = batch;
    this.#unwrap = envelope.unwrapper();
    this.#remoteAddress = remoteAddress;
    this.#services = services;
    this.#outbox = new Outbox(this, services);
    this.#reads = new WebSocketReads(socket, webSocket, services.limits);

    if (envelope.opening !== undefined) webSocket.send(envelope.opening);
    this.#keepAlive = new KeepAlive(services.clock, envelope.silenceMs, this);
    this.#conversation = (open ?? services.openSession)(this, remoteAddress);

    this.#reads.begin({ conversation: this.#conversation, refuse: (code) => this.#refuse(code) });
    socket.on('drain', () => this.#outbox.flush());
    webSocket.reader = this;
  }

  get subprotocol(): string {
    return this.#webSocket.protocol;
  }

  receive(message: Buffer): void {
    if (this.#isClosing) return;
    const pieces = this.#unwrap(message);
    if (!pieces) {
      this.#conversation.disconnected('malformed_frame');
      this.close(BROKEN_FRAMING, 'Broken framing.');
      return;
    }
    try {
      for (const bytes of pieces) this.#conversation.receive(bytes);
    } catch (error) {
      // An exception in a listener would end the process.
      this.#services.report(error);
      this.#conversation.disconnected('internal_error');
      this.close(1011, 'internal_error');
    }
  }

  heard(): void {
    this.#conversation.heard();
  }

  broken(): void {
    this.#reads.broken();
  }

  tooBig(): void {
    this.#conversation.terminate('frame_too_large');
  }

  gone(): void {
    this.#isClosing = true;
    this.#keepAlive.stop();
    this.#cutTimer?.cancel();
    this.#outbox.close();
    this.#reads.stop();
    this.#conversation.disconnected();
    this.#services.connections.delete(this, this.#remoteAddress);
  }

  send(frame: Uint8Array): void {
    this.#outbox.push(frame);
  }

  hasCapacity(): boolean {
    return this.#outbox.hasCapacity();
  }

  onCapacity(callback: () => void): void {
    this.#outbox.onCapacity(callback);
  }

  countTo(share: Share): void {
    this.#reads.countTo(share);
    this.#outbox.countTo(share);
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
    this.#keepAlive.stop();
    this.#cutTimer = this.#services.clock.after(this.#services.limits.closeMs, () => this.cut());
    this.#discardWhatComes();
    this.#outbox.end(() => this.#sayGoodbye(code, reason));
  }

  cut(): void {
    this.#webSocket.terminate();
  }

  /** Both directions see something: a ping is answered by a pong, whatever the client's program does. */
  beat(): void {
    // A reader that hasn't taken the last bytes needs no more of them.
    if (this.#outbox.waitingBytes > 0 || this.#socket.writableNeedDrain) return;
    const { heartbeat } = this.#batch.envelope;
    if (heartbeat === undefined) this.#webSocket.ping();
    else this.#webSocket.send(heartbeat);
  }

  take(frames: readonly Uint8Array[]): number {
    if (this.#socket.writableNeedDrain || this.#isCompressing) return 0;
    this.#keepAlive.wrote();
    if (this.#isCompressed) return this.#compress(frames);
    // Past `ws`, which holds nothing back without compression: what it was given before has been written.
    if (this.#webSocket.readyState === WebSocket.OPEN) this.#socket.write(this.#batch.bytesOf(frames));
    return frames.length;
  }

  get receivedBytes(): number {
    return 'bytesRead' in this.#socket ? Number(this.#socket.bytesRead) : 0;
  }

  unsentBytes(): number {
    return this.#isCompressed ? this.#webSocket.bufferedAmount : this.#socket.writableLength;
  }

  overflowed(): void {
    this.#conversation.disconnected('slow_consumer');
    this.close(4408, 'slow_consumer');
  }

  /** Whether compression was agreed on: then all goes through `ws`, which keeps the order. */
  get #isCompressed(): boolean {
    return this.#webSocket.extensions !== '';
  }

  /** The next ones wait until these have left: what waits stays in the outbox, which is bounded. */
  #compress(frames: readonly Uint8Array[]): number {
    const outgoing = this.#batch.envelope.wrap(frames);
    this.#isCompressing = true;
    outgoing.forEach(({ payload, isBinary }, i) => {
      const isLast = i + 1 === outgoing.length;
      this.#webSocket.send(payload, { binary: isBinary }, isLast ? () => this.#compressed() : undefined);
    });
    return frames.length;
  }

  #compressed(): void {
    this.#isCompressing = false;
    this.#outbox.flush();
  }

  #refuse(code: 'rate_limited' | 'frame_too_large'): void {
    if (!this.#isClosing) this.#conversation.terminate(code);
    else if (code === 'rate_limited') this.cut();
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
}

/** A finished handshake. */
export interface AcceptedSocket {
  readonly webSocket: StompWebSocket;
  readonly socket: Duplex;
  /** Shared by all connections of one envelope. */
  readonly batch: WebSocketBatch;
  readonly remoteAddress: string;
  /** Makes its conversation. Default: a STOMP session. */
  readonly open?: TransportServices['openSession'] | undefined;
}
