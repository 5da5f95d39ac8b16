/** What waits, a line for each owner; the owners take turns, so that nobody waits for all that one of them brings. */
export class Lines<T extends object> {
  /** In the order of their turns. */
  readonly #lines = new Map<string, Set<T>>();

  get isEmpty(): boolean {
    return this.#lines.size === 0;
  }

  add(owner: string, one: T): void {
    const line = this.#lines.get(owner);
    if (line) line.add(one);
    else this.#lines.set(owner, new Set([one]));
  }

  /** The next ones, one of each owner after the other; of an owner in their order. */
  take(count: number): T[] {
    const taken: T[] = [];
    while (taken.length < count) {
      const [next] = this.#lines;
      if (!next) break;
      const [owner, line] = next;
      const [one] = line;
      if (one) {
        taken.push(one);
        line.delete(one);
      }
      // Behind the others.
      this.#lines.delete(owner);
      if (line.size > 0) this.#lines.set(owner, line);
    }
    return taken;
  }
}
