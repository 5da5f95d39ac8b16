/** Bytes of a text whose pieces were cut anywhere, also between the two halves of a surrogate pair. */
export class TextJoiner {
  /** The first half of a pair that ended the last piece. */
  #half = '';

  /** @returns the bytes that are certain; half a character comes with the next piece */
  take(piece: string): Buffer {
    const text = this.#half + piece;
    this.#half = isFirstHalf(text.charCodeAt(text.length - 1)) ? text.slice(-1) : '';
    return Buffer.from(this.#half === '' ? text : text.slice(0, -1));
  }
}

function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
