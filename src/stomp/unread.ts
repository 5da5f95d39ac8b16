import { Buffer } from 'node:buffer';

/**
 * The bytes that were received and not decoded yet, always in one piece, so that whoever reads them need not know
 * how they were cut. Its memory stays below twice the unread bytes plus one chunk, however small the chunks are:
 * keeping the chunks themselves would cost a hundred bytes for each that carries one.
 */
export class Unread {
  #bytes: Buffer = NOTHING;
  #start = 0;
  #end = 0;
  /** Whether `#bytes` is ours to write to, or a chunk that we only look at. */
  #isOwn = false;
  /** How far from `#start` the present search has come, so that no byte is looked at twice. */
  #searched = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** @param chunk kept by reference: its sender must not write to it any more */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;

    if (this.length === 0) {
      // The usual case: whole frames arrive, and are read where they lie.
      this.#bytes = Buffer.isBuffer(chunk)
        ? chunk
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.#isOwn = false;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    if (!this.#isOwn || this.#end + chunk.length > this.#bytes.length) {
      this.#moveTo(Buffer.allocUnsafeSlow(Math.max(2 * this.length, this.length + chunk.length)));
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** @returns where the byte stands, or -1. Between two calls of `skip` it is always asked for the same byte. */
  indexOf(byte: number): number {
    const rest = this.view(this.#searched, this.length);
    const index = rest.indexOf(byte);
    if (index !== -1) return this.#searched + index;

    this.#searched = this.length;
    return -1;
  }

  /** @param index below `length` */
  at(index: number): number {
    return this.#bytes[this.#start + index] ?? 0;
  }

  text(from: number, to: number): string {
    return this.#bytes.toString('utf8', this.#start + from, this.#start + to);
  }

  /** The bytes themselves, to be looked at before anything else is pushed. */
  view(from: number, to: number): Buffer {
    return this.#bytes.subarray(this.#start + from, this.#start + to);
  }

  skip(count: number): void {
    this.#start += count;
    this.#searched = 0;
  }

  /** Lets go of memory that holds mostly what was read already: an idle client must not pin a large chunk. */
  release(): void {
    if (this.length === 0) this.#moveTo(NOTHING);
    else if (2 * this.length < this.#bytes.buffer.byteLength)
      this.#moveTo(Buffer.allocUnsafeSlow(this.length));
  }

  clear(): void {
    this.skip(this.length);
    this.release();
  }

  #moveTo(bytes: Buffer): void {
    const { length } = this;
    this.#bytes.copy(bytes, 0, this.#start, this.#end);
    this.#bytes = bytes;
    this.#start = 0;
    this.#end = length;
    this.#isOwn = true;
  }
}

const NOTHING = Buffer.alloc(0);
