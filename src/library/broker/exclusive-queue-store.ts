import type { Clock } from './clock.js';
import type { QueueBatch, QueueStore, QueuedMessage } from './queue-store.js';
import type { QueueTable } from './queue-table.js';

/** What the node holds of one queue. */
interface Holding {
  /** The claims have seen every message up to here; those that came back lower it. */
  readTo: number;
  /** Messages that are held. */
  count: number;
  /** Claims under way. */
  readers: number;
  /** What was let go meanwhile: a page that is on its way may still show it, and must not claim it again. */
  readonly letGo: { readonly position: number; readonly isFree: boolean }[];
}

/**
 * The queues of a node that is alone with its table. So memory alone knows what the node holds, and a claim is a read
 * behind the last one.
 */
export class ExclusiveQueueStore implements QueueStore {
  readonly isShared = false;
  readonly #holdings = new Map<string, Holding>();
  readonly #held = new Map<number, Holding>();
  #lastPosition: number;

  /** @param clock positions go on from its time, in µs */
  constructor(
    private readonly table: QueueTable,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.#lastPosition = this.#now();
  }

  isSure(): boolean {
    return true;
  }

  async commit({ puts, removes, counts, frees }: QueueBatch): Promise<readonly (number | undefined)[]> {
    const positions = puts.map(({ queue, mine }) => {
      const position = ++this.#lastPosition;
      // Before it is stored: a claim that is under way may see it before we hear that it is.
      if (mine) this.#hold(this.#holdingOf(queue), position);
      return position;
    });
    let arePut: readonly boolean[];
    try {
      arePut = await this.table.write({
        puts,
        positions,
        removes: this.#heldOf(removes, (position) => position),
        counts: this.#heldOf(counts, ({ position }) => position),
      });
    } catch (error) {
      // They may be stored all the same.
      positions.forEach((position) => this.#letGo(position, true));
      throw error;
    }
    removes.forEach((position) => this.#letGo(position, false));
    frees.forEach((position) => this.#letGo(position, true));
    return positions.map((position, i) => {
      if (arePut[i]) return position;
      this.#letGo(position, false);
      // An attempt whose answer was lost has put it, somewhere that a claim may have passed.
      const holding = this.#holdings.get(puts[i]?.queue ?? '');
      if (holding) holding.readTo = 0;
      return undefined;
    });
  }

  async claim(queue: string, limit: number, maxBytes: number): Promise<QueuedMessage[]> {
    const holding = this.#holdingOf(queue);
    holding.readers++;
    try {
      for (;;) {
        const page = await this.table.read(queue, holding.readTo, limit, maxBytes);
        const free = page.filter(({ position }) => !this.#held.has(position));
        free.forEach(({ position }) => this.#hold(holding, position));
        holding.readTo = Math.max(holding.readTo, page.at(-1)?.position ?? 0);
        if (free.length > 0 || page.length === 0) return free;
      }
    } finally {
      holding.readers--;
      if (holding.readers === 0)
        for (const { position, isFree } of holding.letGo.splice(0)) this.#letGo(position, isFree);
    }
  }

  async release(queue: string, positions: readonly number[]): Promise<void> {
    positions.forEach((position) => this.#letGo(position, true));
    const holding = this.#holdings.get(queue);
    if (holding?.count === 0 && holding.readers === 0) this.#holdings.delete(queue);
  }

  async lengths(): Promise<ReadonlyMap<string, number>> {
    const { lengths, lastPosition } = await this.table.contents();
    // Positions name messages, so none may come again after a restart, though its message be settled and gone: they go
    // on from the time, in µs, which no queue catches up with.
    this.#lastPosition = Math.max(this.#lastPosition, lastPosition, this.#now());
    return lengths;
  }

  onReady(): void {
    // There is no other node.
  }

  onLost(): void {
    // There is no other node.
  }

  async close(): Promise<void> {
    // What a node holds is in its memory alone.
  }

  #heldOf<T>(all: readonly T[], positionOf: (one: T) => number): readonly T[] {
    return all.length === 0 ? all : all.filter((one) => this.#held.has(positionOf(one)));
  }

  #now(): number {
    return this.clock.now() * 1_000;
  }

  #holdingOf(queue: string): Holding {
    const holding = this.#holdings.get(queue) ?? { readTo: 0, count: 0, readers: 0, letGo: [] };
    this.#holdings.set(queue, holding);
    return holding;
  }

  #hold(holding: Holding, position: number): void {
    this.#held.set(position, holding);
    holding.count++;
  }

  #letGo(position: number, isFree: boolean): void {
    const holding = this.#held.get(position);
    if (!holding) return;
    if (holding.readers > 0) {
      holding.letGo.push({ position, isFree });
      return;
    }
    this.#held.delete(position);
    holding.count--;
    if (isFree) holding.readTo = Math.min(holding.readTo, position - 1);
  }
}
