import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import type { Wire } from '../session/ports.js';
import { HeldInput } from '../session/held-input.js';
import type { Share } from '../session/share.js';
import type { Connection } from './connections.js';
import { Outbox, type Sink } from './outbox.js';
import type { TransportSession, TransportServices } from './services.js';
import type { LibraryConnection } from './sockjs-library.js';
import { TextJoiner } from './text-joiner.js';

/** SockJS protocol: what came isn't an array of strings. */
const BROKEN_FRAMING = 3000;

/**
 * A session over one of SockJS's HTTP transports: posts come in, and frames leave in the response that its client
 * holds open at the moment. While there is none they wait in the outbox, not in the library, which has no bounds.
 *
 * Its life is `open`, then `closing`, then `gone`, and never goes back; `gone` may come at any time.
 *
 * - `open`: posts are handed to the session, unless it is paused: then they wait in `#unread`, and count.
 * - `closing`: nothing more is read. Frames that wait still leave, all of them, and then the library is told to close;
 *   a client that doesn't come for them in time is cut.
 * - `gone`: the library has closed. Nothing is read, written or counted any more, and the session knows.
 *
 * While it is `open`, there are three places for a frame to go:
 *
 * - no receiver: the client is between two requests. The sink takes nothing, so frames wait in the outbox.
 * - preparing: within `prepare`, before the library has the next request. The sink takes as much as one response may
 *   have; the library keeps it, and sends it as one. `attach` ends this, unless the request was refused.
 * - a receiver: the response that the library writes to, until it is full, ended or destroyed. There is one at most.
 */
export class SockJsWire implements Wire, Sink, Connection {
  readonly transport: string;
  readonly isStream = false;
  readonly isTextOnly = true;
  readonly silenceMarginMs: number;
  readonly #connection: LibraryConnection;
  readonly #services: TransportServices;
  readonly #outbox: Outbox;
  readonly #conversation: TransportSession;
  readonly #joiner = new TextJoiner();
  /** The response that the library writes to. */
  #receiver: ServerResponse | undefined;
  /** Those that haven't left this process wholly: a client may come for the next and never read the last. */
  readonly #responses = new Set<ServerResponse>();
  /** What the library was given to begin the next response with, and how much that may be now. */
  #preparedBytes = 0;
  #prepareLimit = 0;
  /** What waits because the session reads nothing now. */
  #unread: Buffer[] = [];
  readonly #unhandled = new HeldInput();
  #isPaused = false;
  #life: Life = 'open';

  constructor(connection: LibraryConnection, remoteAddress: string, services: TransportServices) {
    this.transport = connection.protocol;
    this.silenceMarginMs = services.limits.heartbeatHttpMarginMs;
    this.#connection = connection;
    this.#services = services;
    this.#outbox = new Outbox(this, services);
    this.#conversation = services.openSession(this, remoteAddress);

    connection.on('close', () => this.#gone());
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
    this.#unhandled.countTo(share);
    this.#outbox.countTo(share);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#handOver();
  }

  probe(): boolean {
    return false;
  }

  close(code: number, reason: string): void {
    if (this.#life !== 'open') return;
    this.#become('closing');
    this.#forgetUnread();
    this.#outbox.end(() => this.#connection.close(code, reason));
    const { clock, limits } = this.#services;
    clock.after(limits.closeMs, () => this.#dropResponses());
  }

  cut(): void {
    this.#dropResponses();
    this.#connection.close(1001, 'server_drain');
    this.#gone();
  }

  /**
   * Before the library is given a request that waits for messages: what it holds then, it sends as one.
   * @see attach, which has to follow
   */
  prepare(): void {
    if (this.#hasReceiver()) return;
    assert(this.#prepareLimit === 0, 'A response is prepared while another one is');
    this.#prepareLimit = this.#services.limits.sockjsResponseBytes;
    this.#outbox.flush();
    this.#prepareLimit = 0;
  }

  /** After the library was given the request: `response` is where it writes, unless it has ended it already. */
  attach(response: ServerResponse): void {
    // Otherwise the request was refused, and what was prepared waits for the next one.
    if (response.statusCode === 200) this.#preparedBytes = 0;
    this.#conversation.heard();
    this.#responses.add(response);
    response.on('drain', () => this.#outbox.flush());
    response.once('close', () => this.#left(response));
    if (!response.writableEnded && !this.#hasReceiver()) this.#receiver = response;
    this.#outbox.flush();
  }

  /** What a post may have now: before CONNECT as much as one, where JSON escapes double it. */
  get postBytes(): number {
    const { connectBytes, sockjsPostBytes } = this.#services.limits;
    return this.#conversation.isNew ? Math.min(2 * connectBytes, sockjsPostBytes) : sockjsPostBytes;
  }

  /** Counts bytes of a post before they are kept. False: the session has too many that it hasn't handled. */
  reserve(bytes: number): boolean {
    this.#conversation.heard();
    if (this.#unhandled.bytes + bytes > this.#services.limits.sockjsPostBytes) return false;
    if (this.#unhandled.isFullFor(bytes)) return false;
    this.#addUnhandled(bytes);
    return true;
  }

  /** Forgets bytes that were reserved: the post is over, or was handed over by `takePost`. */
  release(bytes: number): void {
    this.#addUnhandled(-bytes);
  }

  refuseTooFast(): void {
    this.#conversation.terminate('rate_limited');
  }

  /** Hands the messages of a post to the session, as one piece: a post may hold a million. */
  takePost(messages: readonly unknown[]): void {
    if (this.#life !== 'open') return;
    if (!messages.every((message) => typeof message === 'string')) {
      this.#conversation.disconnected('malformed_frame');
      this.close(BROKEN_FRAMING, 'Broken framing.');
      return;
    }
    const bytes = this.#joiner.take(messages.join(''));
    if (bytes.byteLength === 0) return;
    this.#addUnhandled(bytes.byteLength);
    this.#unread.push(bytes);
    this.#handOver();
  }

  take(frames: readonly Uint8Array[]): number {
    const receiver = this.#receiver;
    receiver?.cork();
    let taken = 0;
    for (const frame of frames) {
      if (!this.#takesMore()) break;
      if (!this.#hasReceiver()) this.#preparedBytes += frame.byteLength;
      this.#connection.write(textOf(frame));
      taken += 1;
    }
    receiver?.uncork();
    return taken;
  }

  unsentBytes(): number {
    let bytes = this.#preparedBytes;
    for (const response of this.#responses) bytes += response.writableLength;
    return bytes;
  }

  #takesMore(): boolean {
    // At the end the library may have all: no more than the outbox held, and kept for the next polls only.
    if (this.#life !== 'open') return true;
    if (this.#hasReceiver()) return !this.#receiver?.writableNeedDrain;
    return this.#preparedBytes < this.#prepareLimit;
  }

  /** The library ends a response that is full: with polling after one message, with streaming at its limit. */
  #hasReceiver(): boolean {
    return this.#receiver !== undefined && !this.#receiver.writableEnded && !this.#receiver.destroyed;
  }

  #left(response: ServerResponse): void {
    this.#responses.delete(response);
    if (this.#receiver === response) this.#receiver = undefined;
    this.#outbox.flush();
  }

  #handOver(): void {
    try {
      while (!this.#isPaused && this.#life === 'open') {
        const bytes = this.#unread.shift();
        if (!bytes) break;
        this.#addUnhandled(-bytes.byteLength);
        this.#conversation.receive(bytes);
      }
    } catch (error) {
      this.#services.report(error);
      this.#conversation.disconnected('internal_error');
      this.close(1011, 'internal_error');
    }
  }

  overflowed(): void {
    this.#conversation.disconnected('slow_consumer');
    this.close(4408, 'slow_consumer');
  }

  #forgetUnread(): void {
    for (const { byteLength } of this.#unread) this.#addUnhandled(-byteLength);
    this.#unread = [];
  }

  #addUnhandled(bytes: number): void {
    assert(this.#unhandled.bytes + bytes >= 0, 'More bytes of posts were released than were reserved');
    this.#unhandled.add(bytes);
  }

  #become(life: 'closing' | 'gone'): void {
    assert(
      this.#life !== 'gone' && this.#life !== life,
      `A SockJS wire can't go from ${this.#life} to ${life}`,
    );
    this.#life = life;
  }

  #dropResponses(): void {
    for (const response of this.#responses) response.destroy();
  }

  #gone(): void {
    if (this.#life === 'gone') return;
    this.#become('gone');
    this.#forgetUnread();
    this.#outbox.close();
    this.#conversation.disconnected();
  }
}

type Life = 'open' | 'closing' | 'gone';

function textOf(frame: Uint8Array): string {
  return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString();
}
