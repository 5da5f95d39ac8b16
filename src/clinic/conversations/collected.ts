/** Collects what is told of the same thing within a time, and hands it over once. */
export class Collected<Key, Value> {
  readonly #waiting = new Map<Key, Value>();
  readonly #timers = new Map<Key, NodeJS.Timeout>();

  /**
   * @param handOver told of what was collected; never throws or rejects
   * @param join the later of one key and the earlier, as one
   */
  constructor(
    private readonly ms: number,
    private readonly handOver: (key: Key, value: Value) => void,
    private readonly join: (earlier: Value, later: Value) => Value,
  ) {}

  add(key: Key, value: Value): void {
    const earlier = this.#waiting.get(key);
    this.#waiting.set(key, earlier === undefined ? value : this.join(earlier, value));
    if (earlier !== undefined) return;
    const timer = setTimeout(() => {
      const collected = this.#waiting.get(key);
      this.#waiting.delete(key);
      this.#timers.delete(key);
      if (collected !== undefined) this.handOver(key, collected);
    }, this.ms);
    this.#timers.set(key, timer.unref());
  }

  /** Forgets what is collected. */
  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
  }
}
