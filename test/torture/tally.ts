/** What was done to the system in a run, so that a run in which nothing happened proves nothing. */
export class Tally {
  cuts = 0;
  /** Cuts of which the client got the first bytes of a write and not the last. */
  torn = 0;
  stalls = 0;
  /** What was done to nodes, and to what they stand on. */
  readonly strikes = new Counts();
  /** Requests that were sent again with their key. */
  repeats = 0;
  /** Notifications that readers saw. */
  sightings = 0;
  /** Messages of topics that subscribers heard, and how often they were told that there may be a gap. */
  heard = 0;
  gapSignals = 0;
  /** Messages of queues that consumers had: for the first time, or again. */
  readonly deliveries = new Counts();
  readonly verdicts = new Counts();
  /** Connections that came as far as the verdict, by transport. */
  readonly connections = new Counts();
  /** What the server said was wrong. */
  readonly errors = new Counts();
}

export class Counts {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, this.of(name) + 1);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  addAll(counts: Readonly<Record<string, number>>): void {
    for (const [name, count] of Object.entries(counts)) this.#counts.set(name, this.of(name) + count);
  }

  /** By name. */
  get all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** `complete 4, reset 1` */
  toString(): string {
    const sorted = [...this.#counts].toSorted(([one], [other]) => one.localeCompare(other));
    return sorted.map(([name, count]) => `${name} ${count}`).join(', ') || 'none';
  }
}
