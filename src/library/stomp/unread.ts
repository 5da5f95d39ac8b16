import { Buffer } from 'node:buffer';

/**
 * The bytes that were received and not decoded yet, always in one piece, so that their readers need not know
 * how they were cut. Its memory stays below twice the unread bytes plus one chunk, however small the chunks are:
 * keeping the chunks themselves would cost a hundred bytes for each that carries one.
 */
export class Unread {
  /** What was received, from `#start` on not yet read. */
  #bytes: Buffer = NOTHING;
  #start = 0;
  /** Memory of ours that `#bytes` is the beginning of; none where `#bytes` is a chunk, which we only look at. */
  #room: Buffer = NOTHING;
  /** How far from `#start` the present search has come, so that no byte is looked at twice. */
  #searched = 0;

  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /** @param chunk kept by reference: its sender must not write to it any more */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    if (this.length > 0) return this.#append(chunk);

    // The usual case: whole frames arrive, and are read where they lie.
    this.#bytes = Buffer.isBuffer(chunk)
      ? chunk
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#start = 0;
    this.#room = NOTHING;
  }

  /** @returns where the byte stands, or -1. Between two calls of `skip` it is always asked for the same byte. */
  indexOf(byte: number): number {
    const index = this.#bytes.indexOf(byte, this.#start + this.#searched);
    if (index !== -1) return index - this.#start;

    this.#searched = this.length;
    return -1;
  }

  /** @param index below `length` */
  at(index: number): number {
    return this.#bytes[this.#start + index] ?? 0;
  }

  /**
   * Bytes of the line ends that come next; a CR that is the last byte is none yet. In one loop of its own: a peer that
   * sends nothing else, at the speed of its line, keeps nobody waiting.
   */
  lineEnds(mayBeCrLf: boolean): number {
    const bytes = this.#bytes;
    let at = this.#start;
    for (;;) {
      if (bytes[at] === LF) at += 1;
      else if (mayBeCrLf && bytes[at] === CR && bytes[at + 1] === LF) at += 2;
      else return at - this.#start;
    }
  }

  text(length: number): string {
    return this.#bytes.toString('utf8', this.#start, this.#start + length);
  }

  /** The next bytes themselves, to be looked at before anything else is pushed. */
  view(length: number): Buffer {
    return this.#bytes.subarray(this.#start, this.#start + length);
  }

  skip(length: number): void {
    this.#start += length;
    this.#searched = 0;
  }

  /** Lets go of memory that holds mostly what was read already: an idle client must not pin a large chunk. */
  release(): void {
    const { length } = this;
    if (length === 0) this.clear();
    else if (2 * length < this.#bytes.buffer.byteLength) this.#moveTo(Buffer.allocUnsafeSlow(length));
  }

  clear(): void {
    this.#bytes = NOTHING;
    this.#start = 0;
    this.#room = NOTHING;
    this.#searched = 0;
  }

  #append(chunk: Uint8Array): void {
    const used = this.#bytes.length;
    if (used + chunk.length <= this.#room.length) {
      this.#room.set(chunk, used);
      this.#bytes = this.#room.subarray(0, used + chunk.length);
      return;
    }
    const { length } = this;
    this.#moveTo(Buffer.allocUnsafeSlow(Math.max(2 * length, length + chunk.length)));
    this.#append(chunk);
  }

  #moveTo(room: Buffer): void {
    const { length } = this;
    this.#bytes.copy(room, 0, this.#start);
    this.#room = room;
    this.#bytes = room.subarray(0, length);
    this.#start = 0;
  }
}

const NOTHING = Buffer.alloc(0);
const LF = 10;
const CR = 13;
