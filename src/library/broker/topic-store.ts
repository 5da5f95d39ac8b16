import type { Limits } from '../limits.js';
import type { Clock } from './clock.js';
import { noLogs, type LogOf } from './log.js';

/** A topic that keeps its messages, so that a reader who comes later gets them by `since`. */
export interface KeptTopic {
  /** Below `/topic/`, without patterns. */
  readonly address: string;
  /** For how long. There is a bound on their number too, `LIMIT_KEPT_MESSAGES`. */
  readonly days: number;
}

/** Where topics keep their messages; a port. */
export interface TopicStore {
  /**
   * Makes ready for these topics, and forgets what is too old from now on, until it is closed.
   * @returns their logs
   */
  open(topics: readonly KeptTopic[], services: TopicStoreServices): Promise<LogOf>;
  close(): void;
}

/** What a store of kept topics gets from the broker that it serves. */
export interface TopicStoreServices {
  readonly clock: Clock;
  readonly limits: Limits;
  /** Told of failures that no client waits for. */
  readonly onFault: (error: unknown) => void;
}

/** @throws {TypeError} topics are to be kept, and there is nowhere to */
export async function openTopics(
  { keep = [], topicStore }: { readonly keep?: readonly KeptTopic[]; readonly topicStore?: TopicStore },
  services: TopicStoreServices,
): Promise<LogOf> {
  if (topicStore) return topicStore.open(keep, services);
  if (keep.length === 0) return noLogs;
  throw new TypeError('The option `keep` needs `topicStore`, such as SqlTopicStore of carillon/store');
}
