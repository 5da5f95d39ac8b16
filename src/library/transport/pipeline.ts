import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../broker/clock.js';
import type { Slices } from '../broker/slices.js';
import { PIECE_BYTES } from './body-arrival.js';
import type { ParsingTime } from './parsing-time.js';

/** Handles one request. @param done to be called once it has been answered, or its socket has closed */
export type RequestHandler = (done: () => void) => void;

/** What of a chunk is parsed in one go: few requests fit in it, and of most chunks it is the whole. */
const SLICE_BYTES = 1_024;

type SocketListener = (bytes: Buffer) => void;

/**
 * The requests of one socket, one at a time. Node parses all that a socket sends and begins each request at once, whether
 * those before it were answered or not; here the next one waits, and while it does nothing more is read or parsed.
 */
export class Pipeline {
  readonly #socket: Duplex;
  readonly #options: PipelineOptions;
  readonly #waiting: RequestHandler[] = [];
  /** Node's: bytes to requests. None where the socket was open before we came: then whole chunks are parsed. */
  readonly #parse: SocketListener | undefined;
  #request: IncomingMessage | undefined;
  #isBusy = false;
  #isHeld = false;
  #isHandedOver = false;
  /** What follows the slice that is being parsed. */
  #rest: Buffer = NOTHING;
  /** What waits for a later turn of the event loop. */
  #deferred: Buffer | undefined;
  /** How much of a body is certainly still to come: there is no request in it. */
  #bodyBytes = 0;
  #discardedBytes = 0;

  constructor(socket: Duplex, options: PipelineOptions) {
    this.#socket = socket;
    this.#options = options;
    const readers = socket.listeners('data') as SocketListener[];
    if (readers.length !== 1) return;
    [this.#parse] = readers;
    socket.removeAllListeners('data');
    socket.on('data', this.#read);
  }

  /** No request is handled, and none waits. */
  get isIdle(): boolean {
    return !this.#isBusy;
  }

  /** A request has been parsed; its body may be still to come. */
  enter(request: IncomingMessage, handle: RequestHandler): void {
    this.#request = request;
    this.#discardedBytes = 0;
    this.#bodyBytes = Number(request.headers['content-length'] ?? 0) - SLICE_BYTES;
    // As where it was parsed: not in the context of the request before it.
    if (this.#isBusy) this.#waiting.push(AsyncResource.bind(handle));
    else this.#begin(handle);
  }

  /** The socket isn't HTTP's any more, for an upgrade comes next. @returns what was read and not parsed */
  handOver(): Buffer {
    this.#isHandedOver = true;
    this.#socket.off('data', this.#read);
    this.#request = undefined;
    return this.#rest;
  }

  #begin(handle: RequestHandler): void {
    this.#isBusy = true;
    handle(() => this.#next());
  }

  #next(): void {
    this.#isBusy = false;
    // Answered with `Connection: close`, or gone: what comes after that is no request (RFC 9112, 9.6).
    const handle = this.#socket.writable ? this.#waiting.shift() : undefined;
    if (handle) this.#begin(handle);
    if (this.#waiting.length === 0 && this.#isHeld && !this.#isHandedOver) {
      this.#isHeld = false;
      this.#socket.resume();
    }
  }

  readonly #read = (bytes: Buffer): void => {
    const { slices, owner } = this.#options;
    // Node reads on where a body's reader asks for more.
    if (this.#deferred) this.#defer(Buffer.concat([this.#deferred, bytes]));
    else if (slices.isOver || slices.isWaiting(owner) || this.#pauseMs > 0) this.#defer(bytes);
    else this.#parseAll(bytes);
  };

  #parseAll(bytes: Buffer): void {
    this.#rest = bytes;
    while (this.#rest.length > 0 && !this.#isHandedOver && this.#socket.writable) {
      if (this.#waiting.length > 0) this.#hold();
      // By us, or by Node, because nobody reads the body that comes.
      if (this.#socket.isPaused()) {
        this.#socket.unshift(this.#rest);
        break;
      }
      this.#parseSlice();
      if (
        this.#rest.length > 0 &&
        !this.#isHandedOver &&
        (this.#options.slices.isOver || this.#pauseMs > 0)
      ) {
        // A moment behind those of its owner that have had nothing.
        this.#defer(this.#rest, 1);
        break;
      }
    }
    this.#rest = NOTHING;
  }

  /** Others have their turn first, and one that has used its time pauses. */
  #defer(bytes: Buffer, behindMs = 0): void {
    const isWaiting = this.#deferred !== undefined;
    this.#deferred = bytes;
    this.#socket.pause();
    if (isWaiting) return;
    const pauseMs = this.#pauseMs;
    if (pauseMs === 0) this.#later();
    else this.#options.clock.after(pauseMs + behindMs, () => this.#later());
  }

  #later(): void {
    this.#options.slices.later(this.#options.owner, () => {
      const deferred = this.#deferred ?? NOTHING;
      this.#deferred = undefined;
      if (this.#socket.destroyed) return;
      // Another socket of its owner may have come first.
      if (this.#pauseMs > 0) return this.#defer(deferred);
      this.#socket.resume();
      this.#parseAll(deferred);
    });
  }

  #parseSlice(): void {
    const length = Math.min(Math.max(SLICE_BYTES, this.#bodyBytes), this.#rest.length);
    const slice = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    this.#bodyBytes -= length;
    const { parsing, payer } = this.#options;
    parsing.count(payer, () => this.#parse?.(slice));
    this.#discard(slice);
  }

  get #pauseMs(): number {
    return this.#options.parsing.waitMs(this.#options.payer);
  }

  #hold(): void {
    this.#isHeld = true;
    this.#socket.pause();
  }

  /**
   * Node reads on and throws away what is left of a body once its request has been answered, however much it is. It parses
   * each chunk by itself, so a line weighs as much as what a chunk should carry.
   */
  #discard(slice: Buffer): void {
    if (this.#isBusy || !this.#request || this.#request.complete) return;
    const isChunked = this.#request.headers['transfer-encoding'] !== undefined;
    this.#discardedBytes += slice.length + (isChunked ? PIECE_BYTES * linesIn(slice) : 0);
    if (this.#discardedBytes > this.#options.lingerBytes) this.#socket.destroy();
  }
}

interface PipelineOptions {
  /** What is read of a body that nobody reads, once its request has been answered. */
  readonly lingerBytes: number;
  /** The time that parsing may take, and whose it is. */
  readonly slices: Slices;
  readonly owner: string;
  /** What it takes of Node's parser, and who pays for it with a pause. */
  readonly parsing: ParsingTime;
  readonly payer: string;
  readonly clock: Clock;
}

function linesIn(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === LINE_FEED) count++;
  return count;
}

const LINE_FEED = 0x0a;
const NOTHING = Buffer.alloc(0);
