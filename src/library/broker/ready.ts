import { weightOf } from './message.js';
import type { QueuedMessage } from './queue-store.js';

/** What waits in all queues of a node together. */
export interface WaitingBytes {
  bytes: number;
}

/** Messages of one queue that wait for a consumer, by position. */
export class Ready {
  readonly #messages: QueuedMessage[] = [];
  #bytes = 0;
  /** No message here is past its time before this, in ms since the Unix epoch. */
  #nextExpiry = Infinity;

  /** @param all its bytes are counted there too */
  constructor(private readonly all: WaitingBytes = { bytes: 0 }) {}

  get first(): QueuedMessage | undefined {
    return this.#messages[0];
  }

  get nextExpiry(): number {
    return this.#messages.length === 0 ? Infinity : this.#nextExpiry;
  }

  /** Whether it holds that part of a window, in messages or in bytes. */
  fills(window: { readonly messages: number; readonly bytes: number }, part = 1): boolean {
    return this.#messages.length >= window.messages * part || this.#bytes >= window.bytes * part;
  }

  get length(): number {
    return this.#messages.length;
  }

  /** All of them, in order; none is left. */
  takeAll(): QueuedMessage[] {
    this.#add(-this.#bytes);
    this.#nextExpiry = Infinity;
    return this.#messages.splice(0);
  }

  shift(): void {
    const message = this.#messages.shift();
    if (message) this.#add(-weightOf(message));
  }

  /** At its place. New messages have the highest positions, those that come back mostly the lowest. */
  insert(message: QueuedMessage): void {
    const last = this.#messages.at(-1);
    if (!last || last.position < message.position) this.#messages.push(message);
    else {
      const at = this.#messages.findIndex(({ position }) => position > message.position);
      this.#messages.splice(at, 0, message);
    }
    this.#add(weightOf(message));
    this.#nextExpiry = Math.min(this.#nextExpiry, expiryOf(message));
  }

  takeExpired(now: number): QueuedMessage[] {
    if (now < this.#nextExpiry) return [];
    const all = this.takeAll();
    const expired = all.filter((message) => expiryOf(message) <= now);
    all.filter((message) => expiryOf(message) > now).forEach((message) => this.insert(message));
    return expired;
  }

  #add(bytes: number): void {
    this.#bytes += bytes;
    this.all.bytes += bytes;
  }
}

/** The header `expires`, ms since the Unix epoch; 0 and none are never. Dead letters stay. */
function expiryOf({ headers, queue }: QueuedMessage): number {
  if (isDeadLetterQueue(queue)) return Infinity;
  return Number(headers.get('expires') ?? 0) || Infinity;
}

/** Where messages of `/queue/orders` go that nobody can process: `/queue/dlq/orders`. */
export function deadLetterQueueOf(queue: string): string {
  return `/queue/dlq/${queue.slice('/queue/'.length)}`;
}

/** Whether a queue is one of `/queue/dlq/…`; its own messages go to no further one. */
export function isDeadLetterQueue(queue: string): boolean {
  return queue.startsWith('/queue/dlq/');
}
