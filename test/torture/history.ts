/** All that is known at the end of a run: what was written, what the database has, what each reader saw. */
export interface History {
  /** In the order in which each writer sent them. */
  readonly writes: readonly Write[];
  /** What the database has at the end: each user's rows, as its pages give them. */
  readonly inboxes: ReadonlyMap<string, readonly Row[]>;
  readonly readings: readonly Reading[];
  readonly topics: TopicHistory;
  readonly queues: QueueHistory;
}

/** A notification, be it in the database or on a wire. */
export interface Row {
  readonly seq: number;
  readonly id: number;
  /** What it tells; no two writes tell the same. */
  readonly event: string;
}

/** One request that tells users something, sent once. */
export interface Write {
  /** Sends one after the other. */
  readonly writer: string;
  readonly event: string;
  /** Who is to be told: all of them, or nobody. */
  readonly users: readonly string[];
  /** Of what is `unanswered` nobody knows whether it is there. What was `refused` may not be. */
  readonly answer: 'acknowledged' | 'refused' | 'unanswered';
  /** What the answer said of the row, where it did. */
  readonly row?: Row;
}

/** What one reader saw, over all of his connections, in the order in which it came. */
export interface Reading {
  readonly reader: string;
  readonly user: string;
  /** He asked for everything after this. */
  readonly from: number;
  readonly sightings: readonly Sighting[];
  /** He read until the end of the run, so there is nothing that he may not have. */
  readonly hasStayed: boolean;
}

export type Sighting =
  /** A cursor without a row: from now on he comes back with this one. */
  | { readonly kind: 'moved'; readonly seq: number }
  /** The verdict of a resume, with the cursor that it came with. */
  | { readonly kind: 'complete'; readonly seq: number }
  /** `isDue`: readers of this run come back with cursors that the server didn't give. */
  | { readonly kind: 'reset'; readonly seq: number; readonly isDue: boolean; readonly why: string }
  | { readonly kind: 'row'; readonly row: Row }
  /** The list over REST, as he loads it after a reset. */
  | { readonly kind: 'reload'; readonly rows: readonly Row[] };

/** What was published to topics, and what was heard of it. */
export interface TopicHistory {
  readonly publishings: readonly Publishing[];
  readonly hearings: readonly Hearing[];
}

/** What one connection of a publisher sent to a topic, numbered from 1. */
export interface Publishing {
  readonly publisher: string;
  readonly address: string;
  /** When each number was sent, by the clock of `Hearing`. */
  readonly sentAt: number[];
  /** After all trouble, and each got its RECEIPT: whoever was there has heard all of it. */
  isWhole: boolean;
}

/** What one subscription to a topic, or to a pattern, heard. */
export interface Hearing {
  readonly subscriber: string;
  readonly destination: string;
  /** When SUBSCRIBE got its RECEIPT: what any node is sent after that is to come. */
  readonly since: number;
  readonly sightings: TopicSighting[];
  /** ms; Infinity while it goes on. */
  endedAt: number;
  /** It went on until the end of the run. */
  hasStayed: boolean;
}

export interface HeardMessage {
  readonly kind: 'message';
  readonly at: number;
  readonly address: string;
  readonly publisher: string;
  readonly number: number;
}

export type TopicSighting = HeardMessage | { readonly kind: 'gap'; readonly at: number };

/** What was put into queues, and what came out of them. */
export interface QueueHistory {
  readonly puts: readonly Put[];
  /** In the order in which they came. */
  readonly deliveries: readonly Delivery[];
  /** When all nodes were killed: what a node that is alone had handed over comes again as if for the first time. */
  readonly crashes: readonly number[];
}

/** A SEND to a queue, sent once. */
export interface Put {
  readonly queue: string;
  /** One connection, which numbers what it sends from 1. */
  readonly producer: string;
  readonly number: number;
  readonly at: number;
  /** It got its RECEIPT, so it is to come out. */
  isAcknowledged: boolean;
}

export interface Delivery {
  readonly queue: string;
  readonly producer: string;
  readonly number: number;
  /** One connection. */
  readonly consumer: string;
  /** When that connection subscribed. */
  readonly since: number;
  readonly isRedelivered: boolean;
  /** The queue has one consumer at a time, so what it is sent keeps its order. */
  readonly isAlone: boolean;
}
