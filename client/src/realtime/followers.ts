import type { Connection } from './connection.js';
import type { Hub } from './hub.js';
import type { Message } from './link.js';
import type { Envelope, TabMessage } from './tab-messages.js';

/** The other tabs, as the one sees them that has the connection: what they hear of it, and what they send. */
export class Followers {
  readonly #hub: Hub;
  readonly #post: (message: TabMessage) => void;
  /** By tab and its number, what ends it. */
  readonly #wants = new Map<string, Map<number, () => void>>();

  constructor(hub: Hub, post: (message: TabMessage) => void) {
    this.#hub = hub;
    this.#post = post;
  }

  receive(message: Envelope, connection: Connection): void {
    const { from } = message;
    switch (message.type) {
      case 'want':
        return this.#add(from, message);
      case 'unwant': {
        const ofTab = this.#wants.get(from);
        ofTab?.get(message.id)?.();
        ofTab?.delete(message.id);
        return;
      }
      case 'bye':
        for (const end of this.#wants.get(from)?.values() ?? []) end();
        this.#wants.delete(from);
        return;
      case 'send':
        void this.#send(message, connection);
        return;
      default:
    }
  }

  /** For all who have joined there. */
  spread(key: string, message: Message): void {
    if (this.#wants.size > 0) this.#post({ type: 'message', key, message });
  }

  /** The link that they had joined on is gone: they ask anew when there is one. */
  clear(): void {
    for (const ofTab of this.#wants.values()) for (const end of ofTab.values()) end();
    this.#wants.clear();
  }

  #add(to: string, { id, destination, hearsGaps, since }: Extract<TabMessage, { type: 'want' }>): void {
    const end = this.#hub.add(
      { destination, hearsGaps },
      {
        since: () => since,
        catchUp: (message) => this.#post({ type: 'missed', to, id, message }),
        joined: () => this.#post({ type: 'joined', to, id }),
        ready: () => this.#post({ type: 'ready', to, id }),
      },
    );
    const ofTab = this.#wants.get(to) ?? new Map<number, () => void>();
    this.#wants.set(to, ofTab.set(id, end));
  }

  async #send(
    { from: to, id, destination, body }: Extract<Envelope, { type: 'send' }>,
    connection: Connection,
  ): Promise<void> {
    try {
      await connection.send(destination, body);
      this.#post({ type: 'sent', to, id });
    } catch (error) {
      this.#post({ type: 'sent', to, id, error: (error as Error).message });
    }
  }
}
