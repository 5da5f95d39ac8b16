import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Limits } from '../limits.js';
import { afterTurn, turnOfLoop } from './turn-of-loop.js';

/** `lingerBytes`: what is read of a body that nobody reads, once its request has been answered. */
export type PipelineLimits = Pick<Limits, 'lingerBytes' | 'bodyPieces' | 'turnMs'>;

/** Handles one request. @param done to be called once it has been answered, or its socket has closed */
export type Handling = (done: () => void) => void;

/** What of a chunk is parsed in one go: few requests fit in it, and of most chunks it is the whole. */
const SLICE_BYTES = 1_024;

type Reader = (bytes: Buffer) => void;

/**
 * The requests of one socket, one at a time. Node parses all that a socket sends and begins each request at once, whether
 * those before it were answered or not; here the next one waits, and while it does nothing more is read or parsed.
 */
export class Pipeline {
  readonly #socket: Duplex;
  readonly #limits: PipelineLimits;
  readonly #waiting: Handling[] = [];
  /** Node's: bytes to requests. None where the socket was open before we came: then whole chunks are parsed. */
  readonly #parse: Reader | undefined;
  #request: IncomingMessage | undefined;
  #isBusy = false;
  #isHeld = false;
  #isHandedOver = false;
  /** What follows the slice that is being parsed. */
  #rest: Buffer = NOTHING;
  /** How much of a body is certainly still to come: there is no request in it. */
  #bodyBytes = 0;
  #discardedBytes = 0;

  constructor(socket: Duplex, limits: PipelineLimits) {
    this.#socket = socket;
    this.#limits = limits;
    const readers = socket.listeners('data') as Reader[];
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
  enter(request: IncomingMessage, handle: Handling): void {
    this.#request = request;
    this.#discardedBytes = 0;
    if (request.headers['transfer-encoding'] !== undefined) this.#countPieces(request);
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

  #begin(handle: Handling): void {
    this.#isBusy = true;
    handle(() => this.#next());
  }

  #next(): void {
    // Not at once: thousands of requests that need wait for nothing would be one turn of the event loop.
    if (this.#waiting.length > 0 || this.#isHeld) afterTurn(() => this.#goOn());
    else this.#isBusy = false;
  }

  #goOn(): void {
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
    this.#rest = bytes;
    while (this.#rest.length > 0 && !this.#isHandedOver && this.#socket.writable) {
      if (this.#waiting.length > 0) this.#hold();
      // By us, or by Node, because nobody reads the body that comes.
      if (this.#socket.isPaused()) {
        this.#socket.unshift(this.#rest);
        break;
      }
      this.#parseInTime();
    }
    this.#rest = NOTHING;
  };

  /** One slice of each socket in a turn of the event loop, and more of them as long as the turn has time for it. */
  #parseInTime(): void {
    const began = performance.now();
    this.#parseSlice();
    spend(performance.now() - began);
    if (this.#rest.length > 0 && spentMs() > this.#limits.turnMs / 4) this.#breathe();
  }

  #breathe(): void {
    if (this.#isHandedOver || this.#socket.isPaused()) return;
    this.#socket.pause();
    afterTurn(() => {
      if (!this.#isHeld && !this.#isHandedOver) this.#socket.resume();
    });
  }

  /** A chunk of one byte costs what one of 64 KB does, and a stranger's line carries a million of them in a second. */
  #countPieces(request: IncomingMessage): void {
    const push = request.push.bind(request);
    let [pieces, bytes] = [0, 0];
    request.push = (piece: Buffer | null, encoding) => {
      if (piece) {
        pieces += 1;
        bytes += piece.byteLength;
      }
      if (pieces <= this.#limits.bodyPieces || bytes >= pieces * PIECE_BYTES) return push(piece, encoding);
      this.#socket.destroy();
      return false;
    };
  }

  #parseSlice(): void {
    const length = Math.min(Math.max(SLICE_BYTES, this.#bodyBytes), this.#rest.length);
    const slice = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    this.#bodyBytes -= length;
    this.#parse?.(slice);
    this.#discard(length);
  }

  #hold(): void {
    this.#isHeld = true;
    this.#socket.pause();
  }

  /** Node reads on and throws away what is left of a body once its request has been answered, however much it is. */
  #discard(bytes: number): void {
    if (this.#isBusy || !this.#request || this.#request.complete) return;
    this.#discardedBytes += bytes;
    if (this.#discardedBytes > this.#limits.lingerBytes) this.#socket.destroy();
  }
}

const NOTHING = Buffer.alloc(0);

/** What a chunk of a body carries at least, where there are many: a client that streams sends kilobytes. */
const PIECE_BYTES = 64;

/** Of this turn of the event loop, by the parsing of all sockets. */
let turn = -1;
let ms = 0;

function spend(more: number): void {
  ms = spentMs() + more;
}

function spentMs(): number {
  const now = turnOfLoop();
  if (now !== turn) {
    turn = now;
    ms = 0;
  }
  return ms;
}
