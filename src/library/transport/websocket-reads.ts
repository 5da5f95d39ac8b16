import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Limits } from '../limits.js';
import type { Share } from '../session/share.js';
import type { TransportSession } from './services.js';
import { UnfinishedMessage } from './unfinished-message.js';

/** What is parsed before the next look at the time: a read may hold thousands of messages of a few bytes. */
const PIECE_BYTES = 4_096;

/** Takes what is read. */
export interface ReadsTaker {
  readonly conversation: Pick<TransportSession, 'isNew' | 'slices'>;
  /** More has come than may wait. */
  readonly refuse: (code: 'rate_limited' | 'frame_too_large') => void;
}

/**
 * Reads the socket of a WebSocket in place of `ws`, which would take all that has come at once, ten thousand messages of a
 * byte of each connection; and weighs what `ws` keeps of messages that aren't whole.
 */
export class WebSocketReads {
  /** How `ws` takes what was read of its socket. */
  #parse: (bytes: Buffer) => void = () => undefined;
  /** What was read, and waits for a turn. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isBroken = false;
  readonly #unfinished = new UnfinishedMessage();
  /** The share that counts it. */
  #share: Share | undefined;

  constructor(
    private readonly socket: Duplex,
    private readonly webSocket: Pick<WebSocket, 'isPaused'>,
    private readonly limits: Pick<Limits, 'connectBytes'>,
  ) {}

  begin(taker: ReadsTaker): void {
    const { socket } = this;
    this.#parse = socket.listeners('data').at(-1) as (bytes: Buffer) => void;
    socket.off('data', this.#parse);
    socket.on('data', (bytes: Buffer) => this.#take(bytes, taker));
  }

  /** What waits, and what isn't whole, counts as that user's from now on. */
  countTo(share: Share): void {
    const heldBytes = this.#heldBytes;
    if (heldBytes > 0) {
      this.#share?.input.add(-heldBytes);
      share.input.add(heldBytes);
    }
    this.#share = share;
  }

  /** What came broke the rules: `ws` reads no more. */
  broken(): void {
    this.#isBroken = true;
  }

  /** The socket is gone, and what waits with it. */
  stop(): void {
    this.#isBroken = true;
    this.#share?.input.add(-this.#heldBytes);
    this.#share = undefined;
    this.#waiting = [];
  }

  get #heldBytes(): number {
    return this.#unfinished.weight + this.#waitingBytes;
  }

  #take(bytes: Buffer, taker: ReadsTaker): void {
    const { slices } = taker.conversation;
    const isFirst = this.#waiting.length === 0;
    const rest = isFirst && !slices.isOver ? this.#parseNow(bytes, taker) : bytes;
    if (!rest) return;
    this.socket.pause();
    this.#waiting.push(rest);
    this.#countWaiting(rest.byteLength);
    if (isFirst) slices.later(() => this.#goOn(taker));
  }

  /** One read each turn, or as much of it as there is time for. */
  #goOn(taker: ReadsTaker): void {
    const bytes = this.#waiting.shift();
    if (!bytes) return;
    this.#countWaiting(-bytes.byteLength);
    const rest = this.#parseNow(bytes, taker);
    if (rest) {
      this.#waiting.unshift(rest);
      this.#countWaiting(rest.byteLength);
    }
    if (this.#waiting.length > 0) taker.conversation.slices.later(() => this.#goOn(taker));
    else if (!this.webSocket.isPaused) this.socket.resume();
  }

  #countWaiting(bytes: number): void {
    this.#waitingBytes += bytes;
    this.#share?.input.add(bytes);
  }

  /** @returns what is left of it when the turn is over */
  #parseNow(bytes: Buffer, taker: ReadsTaker): Buffer | undefined {
    const { slices } = taker.conversation;
    for (let at = 0; at < bytes.length;) {
      if (this.#isBroken || this.#unfinished.hasClosed) return undefined;
      if (at > 0 && slices.isOver) return bytes.subarray(at);
      // A copy, so that what `ws` keeps of a piece doesn't keep all that was read.
      const piece = bytes.length <= PIECE_BYTES ? bytes : Buffer.from(bytes.subarray(at, at + PIECE_BYTES));
      this.#parse.call(this.socket, piece);
      this.#weigh(piece, taker);
      at += piece.length;
    }
    return undefined;
  }

  /** What `ws` keeps has its bounds before it is a message, and while what comes is thrown away. */
  #weigh(bytes: Buffer, { conversation, refuse }: ReadsTaker): void {
    const { weight: before } = this.#unfinished;
    this.#unfinished.push(bytes);
    const { weight } = this.#unfinished;
    if (weight === before || !this.#share) return;
    const { input } = this.#share;
    input.add(weight - before);
    if (weight < before) return;
    if (input.isOver(weight)) refuse('rate_limited');
    else if (weight > this.limits.connectBytes && conversation.isNew) refuse('frame_too_large');
  }
}
