import type { Ending } from './ending.js';
import type { Transport } from './status.js';

/** What came for a subscription. */
export interface Message {
  /** What the JSON says; the text where the content-type is another, or where there is none and it is no JSON. */
  readonly body: unknown;
  readonly eventType: string | undefined;
  readonly cursor: string | undefined;
  readonly replayed: boolean;
}

/** What a link tells its owner. */
export interface LinkEvents {
  onConnected(transport: Transport): void;
  /** Comes once, also for a link that never connected; not after `close()`. */
  onEnded(ending: Ending): void;
}

/** What a subscription on a link is for. */
export interface Wanted {
  readonly destination: string;
  /** The cursor to go on from; undefined: from now on. */
  readonly since: string | undefined;
  readonly hearsGaps: boolean;
}

/** What carries messages from the server. */
export interface Link {
  /**
   * @param onReady the server has it: what is published from now on will come
   * @returns ends it
   */
  subscribe(wanted: Wanted, onMessage: (message: Message) => void, onReady: () => void): () => void;
}
