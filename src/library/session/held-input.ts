import type { Share } from './share.js';

/**
 * Bytes that have come on one connection and wait there: counted as the strangers' at first, and as its user's once it is
 * known who that is.
 */
export class HeldInput {
  #bytes = 0;

  /** @param share none: they count as nobody's until `countTo` */
  constructor(private share?: Pick<Share, 'input'>) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** @param change bytes that are held from now on, or (below 0) no longer */
  add(change: number): void {
    if (change === 0) return;
    this.#bytes += change;
    this.share?.input.add(change);
  }

  /** What is held, and what comes, counts as that user's from now on. */
  countTo(share: Pick<Share, 'input'>): void {
    if (this.#bytes !== 0) {
      this.share?.input.add(-this.#bytes);
      share.input.add(this.#bytes);
    }
    this.share = share;
  }

  /** Whether `more` bytes, which aren't added yet, are too many for the share. */
  isFullFor(more: number): boolean {
    return this.share?.input.isOver(this.#bytes, more) ?? false;
  }
}
