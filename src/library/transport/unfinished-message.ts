/** What a `Buffer` takes beside its bytes, about. */
const PIECE_BYTES = 256;

/** RFC 6455, 5.2: of a frame's first byte. */
const FIN = 0x80;
const CONTROL = 0x08;
const OPCODE = 0x0f;
const CLOSE = 0x08;
const MASK_BYTES = 4;

/**
 * What `ws` keeps of a message that isn't whole: it tells of a message at its end alone, and a client may take hours for
 * it. Of what comes it reads only where frames begin and end (RFC 6455, 5.2); `ws` itself refuses what isn't masked.
 */
export class UnfinishedMessage {
  /**
   * Bytes in memory. A read counts whole until the last of its messages is: a byte that is kept keeps all of it. Each read
   * and each fragment counts as the `Buffer` that it is too.
   */
  weight = 0;
  /** Nothing follows a close frame. */
  hasClosed = false;
  /** Of the head of a frame: how many bytes have come, and what they say. */
  #headBytes = 0;
  #headEnd = 2;
  #first = 0;
  /** Of its payload: as the head says, and then what is still to come. */
  #left = 0;
  #hasFragments = false;

  /** Takes what was read of the socket, from its first byte on. */
  push(read: Uint8Array): void {
    let weight = this.weight + read.length + PIECE_BYTES;
    for (let at = 0; at < read.length;) {
      if (this.#headBytes < this.#headEnd) {
        this.#readHead(read[at++] ?? 0);
      } else {
        const step = Math.min(this.#left, read.length - at);
        this.#left -= step;
        at += step;
      }
      if (this.#headBytes < this.#headEnd || this.#left > 0) continue;
      this.#endFrame();
      if (!this.#hasFragments) weight = at === read.length ? 0 : read.length + PIECE_BYTES;
      else weight += PIECE_BYTES;
    }
    this.weight = weight;
  }

  #readHead(byte: number): void {
    this.#headBytes++;
    if (this.#headBytes === 1) {
      this.#first = byte;
    } else if (this.#headBytes === 2) {
      const length = byte & 0x7f;
      const more = length === 127 ? 8 : length === 126 ? 2 : 0;
      this.#left = more === 0 ? length : 0;
      this.#headEnd = 2 + more + MASK_BYTES;
    } else if (this.#headBytes <= this.#headEnd - MASK_BYTES) {
      this.#left = 256 * this.#left + byte;
    }
  }

  /** A control frame may stand between two fragments. */
  #endFrame(): void {
    if ((this.#first & OPCODE) === CLOSE) this.hasClosed = true;
    if (!(this.#first & CONTROL)) this.#hasFragments = !(this.#first & FIN);
    this.#headBytes = 0;
    this.#headEnd = 2;
  }
}
