/**
 * What readers of inboxes acknowledge. While a write of one inbox is under way, all that comes for it is collected and
 * written as one: a reader who acknowledges each of a thousand rows alone is no thousand units of work.
 */
export class DeliveryMarks {
  readonly #collecting = new Map<number, Collection>();
  readonly #writing = new Map<number, Promise<unknown>>();

  /** @param write stores that these rows of an inbox were delivered */
  constructor(private readonly write: (owner: number, seqs: readonly number[]) => Promise<unknown>) {}

  /** Resolves when they are stored. @throws as `write` does, to everybody whose rows it had */
  note(owner: number, seqs: readonly number[]): Promise<void> {
    const collection = this.#collecting.get(owner) ?? this.#collect(owner);
    for (const seq of seqs) collection.seqs.add(seq);
    return collection.stored;
  }

  #collect(owner: number): Collection {
    const seqs = new Set<number>();
    const stored = this.#store(owner, seqs);
    const collection = { seqs, stored };
    this.#collecting.set(owner, collection);
    return collection;
  }

  async #store(owner: number, seqs: ReadonlySet<number>): Promise<void> {
    // A write that failed was told to those who waited for it, and keeps no other from its turn.
    await this.#writing.get(owner)?.catch(() => undefined);
    this.#collecting.delete(owner);
    const writing = this.write(owner, [...seqs]);
    this.#writing.set(owner, writing);
    try {
      await writing;
    } finally {
      if (this.#writing.get(owner) === writing) this.#writing.delete(owner);
    }
  }
}

interface Collection {
  readonly seqs: Set<number>;
  readonly stored: Promise<void>;
}
