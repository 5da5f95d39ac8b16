import type { Message } from '../broker/message.js';

/** What is kept of a message until it is settled: by what it can be named, and not its body. */
export interface UnsettledMessage extends Pick<Message, 'id' | 'address' | 'position' | 'isControl'> {
  /** What its queue keeps in memory for it. */
  readonly bytes: number;
}

/**
 * What has to be known of a message until it is settled; its body isn't.
 * @param bytes what its client was sent
 */
export function kept({ id, address, position, isControl }: Message, bytes: number): UnsettledMessage {
  return { id, address, bytes, ...(position && { position }), ...(isControl && { isControl }) };
}

/** What a subscription has delivered and its client has yet to settle. Only the modes that ask for an ACK have one. */
export class Unsettled {
  /** By message id, in the order of delivery: the mode `client` is cumulative. */
  readonly #delivered = new Map<string, UnsettledMessage>();
  /** Those that an ACK or NACK has named, and that are settled when its transaction commits. */
  readonly #named = new Set<string>();

  constructor(private readonly isCumulative: boolean) {}

  add(message: UnsettledMessage): void {
    this.#delivered.set(message.id, message);
  }

  /** See `SessionSubscription#take`. */
  take(messageId: string): UnsettledMessage[] | undefined {
    const named = this.#delivered.get(messageId);
    if (!named || this.#named.has(messageId)) return undefined;
    // STOMP 1.2, ACK: "client" is cumulative, all before the named one are meant too; "client-individual" means that one.
    const taken: UnsettledMessage[] = [];
    for (const message of this.isCumulative ? this.#delivered.values() : [named]) {
      if (!this.#named.has(message.id)) taken.push(message);
      if (message === named) break;
    }
    taken.forEach((message) => this.#named.add(message.id));
    return taken;
  }

  settled(messages: readonly UnsettledMessage[]): void {
    this.putBack(messages);
    messages.forEach((message) => this.#delivered.delete(message.id));
  }

  putBack(messages: readonly UnsettledMessage[]): void {
    messages.forEach((message) => this.#named.delete(message.id));
  }

  /** @returns what it held */
  clear(): UnsettledMessage[] {
    const delivered = [...this.#delivered.values()];
    this.#delivered.clear();
    this.#named.clear();
    return delivered;
  }
}
