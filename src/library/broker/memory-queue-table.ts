import { weightOf } from './message.js';
import type { QueuedMessage } from './queue-store.js';
import type { QueueTable, TableChanges } from './queue-table.js';

/** Queues that live as long as their process: for tests, and for a library user without a database. */
export class MemoryQueueTable implements QueueTable {
  /** In the order of their positions: they are given in the order in which they are put. */
  readonly #messages = new Map<number, QueuedMessage>();
  #lastPosition = 0;

  async write({ puts, positions, removes, counts }: TableChanges): Promise<boolean[]> {
    if (positions.some((position) => this.#messages.has(position))) throw new Error('That position is taken');
    const removed = new Set(removes.filter((position) => this.#messages.has(position)));
    const arePut = puts.map(({ insteadOf }) => insteadOf === undefined || removed.has(insteadOf));
    for (const [i, { queue, headers, body, deliveries }] of puts.entries()) {
      if (!arePut[i]) continue;
      const position = positions[i] ?? 0;
      this.#messages.set(position, { position, queue, headers, body, deliveries });
      this.#lastPosition = Math.max(this.#lastPosition, position);
    }
    for (const { position, deliveries } of counts) {
      const message = this.#messages.get(position);
      if (message && message.deliveries < deliveries)
        this.#messages.set(position, { ...message, deliveries });
    }
    for (const position of removes) this.#messages.delete(position);
    return arePut;
  }

  async read(queue: string, after: number, limit: number, maxBytes: number): Promise<QueuedMessage[]> {
    const page: QueuedMessage[] = [];
    let bytes = 0;
    for (const message of this.#messages.values()) {
      if (message.queue !== queue || message.position <= after) continue;
      bytes += weightOf(message);
      if (page.length === limit || (page.length > 0 && bytes > maxBytes)) break;
      page.push(message);
    }
    return page;
  }

  async contents(): Promise<{ lengths: Map<string, number>; lastPosition: number }> {
    const lengths = new Map<string, number>();
    for (const { queue } of this.#messages.values()) lengths.set(queue, (lengths.get(queue) ?? 0) + 1);
    return { lengths, lastPosition: this.#lastPosition };
  }
}
