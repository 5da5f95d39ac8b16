/**
 * Bytes that several connections may hold together. When they are used up, a connection gets no more that has more of
 * them than an equal part: one that has less isn't made to pay for the others. So twice the limit is the most that all of
 * them can come to, and one frame each.
 */
export class Budget {
  #used = 0;
  #waiting: (() => void)[] = [];

  constructor(
    private readonly limit: number,
    private readonly holders: { readonly connections: number },
  ) {}

  get used(): number {
    return this.#used;
  }

  /** @param change bytes that are held from now on, or (below 0) no longer */
  add(change: number): void {
    this.#used += change;
    if (change < 0 && this.#waiting.length > 0 && this.#used <= this.limit) this.#tell();
  }

  /** Whether the one who holds `own` bytes may have no more. @param more bytes that would be added, and aren't yet */
  isOver(own: number, more = 0): boolean {
    return this.#used + more > this.limit && own + more > this.limit / Math.max(1, this.holders.connections);
  }

  /** Calls back once, when it isn't used up any more. */
  onCapacity(callback: () => void): void {
    this.#waiting.push(callback);
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) callback();
  }
}
