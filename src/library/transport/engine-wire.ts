import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Timer } from '../broker/clock.js';
import type { Arrival, Wire } from '../session/ports.js';
import { HeldInput } from '../session/held-input.js';
import type { Share } from '../session/share.js';
import type { Connection } from './connections.js';
import { plainEnvelope, WebSocketBatch } from './envelope.js';
import { Outbox, type Sink } from './outbox.js';
import type { BodyBudget } from './post-body.js';
import type { TransportSession, TransportServices } from './services.js';
import { WebSocketReads } from './websocket-reads.js';

/** What is used of a session of the package `engine.io`; its own types would make it a dependency of all who use ours. */
export interface EngineSocket {
  readonly request: IncomingMessage;
  readonly transport: EngineTransport;
  emit(event: string, ...about: unknown[]): boolean;
  once(event: 'upgrade', listener: () => void): unknown;
  write(message: string): unknown;
  close(discard?: boolean): void;
}

/** The poll or the WebSocket that a session is on now. */
export interface EngineTransport {
  readonly name: string;
  readonly sid: string;
  writable: boolean;
  on(event: 'ready', listener: () => void): unknown;
}

/** What a session of Engine.IO needs of the one who speaks on it. */
export interface EngineConversation extends Omit<TransportSession, 'receive' | 'finish'> {
  /** One message. Those that are for the library that is bound to the engine are given back: `EngineWire#pass`. */
  receive(message: string | Buffer): void;
}

/** Makes the conversation of a session that was just opened. */
export type OpenEngineConversation = (
  wire: EngineWire,
  remoteAddress: string,
  arrival: Arrival,
) => EngineConversation;

/** A session that the engine has just opened. */
export interface OpenedEngineSocket {
  readonly conn: EngineSocket;
  readonly label: string;
  readonly remoteAddress: string;
  readonly arrival: Arrival;
  readonly open: OpenEngineConversation;
}

/** A WebSocket of the engine, and the socket under it. */
export interface EngineWebSocket {
  readonly webSocket: WebSocket;
  readonly socket: Duplex;
}

/** Frames are whole messages of Engine.IO, the digit of their type included. */
const batch = new WebSocketBatch(plainEnvelope(0));

/**
 * One session of Engine.IO, on polling, on a WebSocket, or on its way from one to the other. The engine speaks its protocol
 * (handshake, pings, upgrade, polls); what comes is bounded here before it is taken, and so is all that waits to be
 * read, whoever wrote it.
 */
export class EngineWire implements Wire, Sink, Connection, BodyBudget {
  readonly isTextOnly = true;
  readonly silenceMarginMs = 0;
  readonly conn: EngineSocket;
  readonly #label: string;
  readonly #services: TransportServices;
  readonly #outbox: Outbox;
  readonly #conversation: EngineConversation;
  /** Tells the library that is bound to the engine. */
  readonly #tell: (event: string, ...about: unknown[]) => boolean;
  #webSocket: EngineWebSocket | undefined;
  /** Of the WebSocket, from its first byte on: also of those that may yet become this session's, or be refused. */
  readonly #reads = new Set<WebSocketReads>();
  /** Of polls; several, where the client has let go of one. */
  readonly #responses = new Set<ServerResponse>();
  /** What the engine has been given, and hasn't passed on. */
  #queuedBytes = 0;
  /** Of posts that aren't handled. */
  readonly #posted = new HeldInput();
  #share: Share | undefined;
  #cutTimer: Timer | undefined;
  /** The conversation takes no more for now; and those who wait for it. */
  #isPaused = false;
  readonly #onResume: (() => void)[] = [];
  #isClosing = false;
  #isGone = false;

  constructor(
    { conn, label, remoteAddress, arrival, open }: OpenedEngineSocket,
    services: TransportServices,
    private readonly onGone: () => void,
  ) {
    this.conn = conn;
    this.#label = label;
    this.#services = services;
    this.#outbox = new Outbox(this, services);
    this.#tell = conn.emit.bind(conn);
    conn.emit = (event: string, ...about: unknown[]) => this.#hear(event, about);
    this.#conversation = open(this, remoteAddress, arrival);
    if (conn.transport.name === 'polling') this.#hearPolling(conn.transport);
  }

  /** It changes with the upgrade. */
  get transport(): string {
    return `${this.#label}-${this.conn.transport.name}`;
  }

  get isStream(): boolean {
    return this.#webSocket !== undefined;
  }

  /** What a post may have now. */
  get postBytes(): number {
    const { connectBytes, bodyBytes } = this.#services.limits;
    return this.#conversation.isNew ? Math.min(connectBytes, bodyBytes) : bodyBytes;
  }

  /** Reads the socket of a WebSocket that is this session's, or may become it. */
  meter({ webSocket, socket }: EngineWebSocket): void {
    const reads = new WebSocketReads(socket, webSocket, this.#services.limits);
    if (this.#share) reads.countTo(this.#share);
    const conversation = this.#conversation;
    reads.begin({ conversation, refuse: (code) => conversation.terminate(code) });
    webSocket.once('close', () => {
      this.#reads.delete(reads);
      reads.stop();
    });
    webSocket.once('error', () => reads.broken());
    this.#reads.add(reads);
  }

  /** From now on the WebSocket is the session's. */
  speakOn(opened: EngineWebSocket): void {
    this.#webSocket = opened;
    opened.socket.on('drain', () => this.#outbox.flush());
    if (isCompressed(opened)) this.conn.transport.on('ready', () => this.#outbox.flush());
    this.#outbox.flush();
  }

  /** A poll waits for messages, and its answer for a reader. */
  polledBy(response: ServerResponse): void {
    this.#conversation.heard();
    this.#responses.add(response);
    response.once('close', () => {
      this.#responses.delete(response);
      this.#outbox.flush();
    });
  }

  reserve(bytes: number): boolean {
    this.#conversation.heard();
    if (this.#posted.bytes + bytes > this.#services.limits.bodyBytes) return false;
    if (this.#posted.isFullFor(bytes)) return false;
    this.#posted.add(bytes);
    return true;
  }

  release(bytes: number): void {
    this.#posted.add(-bytes);
  }

  /** Ends it: what was posted can't be taken. */
  refuse(code: 'rate_limited' | 'frame_too_large' | 'malformed_frame'): void {
    this.#conversation.terminate(code);
  }

  /** Hands a message to the library that is bound to the engine. */
  pass(message: string | Buffer): void {
    this.#tell('data', message);
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
    this.#posted.countTo(share);
    this.#share = share;
    for (const reads of this.#reads) reads.countTo(share);
    this.#outbox.countTo(share);
  }

  pause(): void {
    if (this.#isClosing) return;
    this.#isPaused = true;
    this.#webSocket?.webSocket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#webSocket?.webSocket.resume();
    for (const callback of this.#onResume.splice(0)) callback();
  }

  /** Resolves when this session is read, or is over: a post waits as what a WebSocket brings does. */
  async resumed(): Promise<void> {
    if (this.#isPaused) await new Promise<void>((resolve) => this.#onResume.push(resolve));
  }

  /** The engine pings. */
  probe(): boolean {
    return false;
  }

  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const { clock, limits } = this.#services;
    this.#cutTimer = clock.after(limits.closeMs, () => this.cut());
    this.resume();
    this.#outbox.end(() => this.conn.close());
  }

  cut(): void {
    this.#webSocket?.webSocket.terminate();
    this.#responses.forEach((response) => response.destroy());
    this.conn.close(true);
  }

  take(frames: readonly Uint8Array[]): number {
    const webSocket = this.#webSocket;
    return webSocket && !isCompressed(webSocket) ? this.#write(frames, webSocket) : this.#handOver(frames);
  }

  unsentBytes(): number {
    let bytes = this.#queuedBytes + (this.#webSocket?.webSocket.bufferedAmount ?? 0);
    for (const response of this.#responses) bytes += response.writableLength;
    return bytes;
  }

  overflowed(): void {
    this.#conversation.disconnected('slow_consumer');
    this.close();
  }

  /** Past the engine, which would hand each message to `ws` for each reader. */
  #write(frames: readonly Uint8Array[], { webSocket, socket }: EngineWebSocket): number {
    if (socket.writableNeedDrain) return 0;
    if (webSocket.readyState === WebSocket.OPEN) socket.write(batch.bytesOf(frames));
    return frames.length;
  }

  /** To the engine: of polls all that waits, up to a batch, in one answer. */
  #handOver(frames: readonly Uint8Array[]): number {
    const { transport } = this.conn;
    if (!transport.writable) return 0;
    // Otherwise the first one alone would be the answer.
    transport.writable = false;
    frames.forEach((frame, i) => {
      if (i + 1 === frames.length) transport.writable = true;
      this.conn.write(textOf(frame).slice(1));
    });
    return frames.length;
  }

  /** Hears what the engine tells of its session, before the library that is bound to it. */
  #hear(event: string, about: readonly unknown[]): boolean {
    switch (event) {
      case 'data':
        this.#receive(about[0] as string | Buffer);
        return true;
      case 'heartbeat':
        this.#conversation.heard();
        break;
      case 'packetCreate':
        this.#queue(about[0] as { readonly data?: string | Buffer });
        break;
      case 'flush':
        this.#queuedBytes = 0;
        break;
      case 'close':
        this.#gone();
        break;
    }
    return this.#tell(event, ...about);
  }

  #receive(message: string | Buffer): void {
    if (this.#isClosing) return;
    try {
      this.#conversation.receive(message);
    } catch (error) {
      // An exception in a listener would end the process.
      this.#services.report(error);
      this.#conversation.disconnected('internal_error');
      this.close();
    }
  }

  /** Answers and pings, which a client may let pile up too. */
  #queue({ data = '' }: { readonly data?: string | Buffer }): void {
    this.#queuedBytes += data.length;
    const { outboxBytes } = this.#services.limits;
    if (this.#outbox.waitingBytes > outboxBytes && !this.#isClosing) this.overflowed();
  }

  #hearPolling(transport: EngineTransport): void {
    // After the engine has sent what it has itself.
    transport.on('ready', () => this.#outbox.flush());
    // That of a client which doesn't poll any more.
    (transport as LibraryPolling).closeTimeout = this.#services.limits.closeMs;
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#isClosing = true;
    this.resume();
    this.#cutTimer?.cancel();
    this.#outbox.close();
    this.#conversation.disconnected();
    this.onGone();
  }
}

/** Whether compression was agreed on: then all goes through `ws`, which keeps the order. */
function isCompressed({ webSocket }: EngineWebSocket): boolean {
  return webSocket.extensions !== '';
}

/** How long an orderly close waits for a poll; the types don't show it. */
type LibraryPolling = EngineTransport & { closeTimeout: number };

function textOf(frame: Uint8Array): string {
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString();
}
