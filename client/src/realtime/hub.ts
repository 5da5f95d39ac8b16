import { Feed, type Member } from './feed.js';
import type { Link, Message, Wanted } from './link.js';

/** The addresses that are heard on the one connection, for all tabs of this browser. */
export class Hub {
  readonly #feeds = new Map<string, Feed>();
  readonly #onMessage: (key: string, message: Message) => void;
  #link: Link | undefined;

  /** @param onMessage hears what comes for all who have joined at an address */
  constructor(onMessage: (key: string, message: Message) => void) {
    this.#onMessage = onMessage;
  }

  /** @returns ends it */
  add(wanted: Omit<Wanted, 'since'>, member: Member): () => void {
    const key = keyOf(wanted);
    const feed = this.#feeds.get(key) ?? this.#make(key, wanted);
    feed.add(member);
    return () => {
      feed.remove(member);
      if (feed.isEmpty && this.#feeds.get(key) === feed) this.#feeds.delete(key);
    };
  }

  open(link: Link): void {
    this.close();
    this.#link = link;
    for (const feed of this.#feeds.values()) feed.open(link);
  }

  close(): void {
    this.#link = undefined;
    for (const feed of this.#feeds.values()) feed.close();
  }

  #make(key: string, wanted: Omit<Wanted, 'since'>): Feed {
    const feed = new Feed(wanted, (message) => this.#onMessage(key, message));
    if (this.#link) feed.open(this.#link);
    this.#feeds.set(key, feed);
    return feed;
  }
}

/** Two subscriptions share one on the wire where they would ask for it in the same words. */
export function keyOf({ destination, hearsGaps }: Omit<Wanted, 'since'>): string {
  return hearsGaps ? `${destination}\ngaps` : destination;
}
