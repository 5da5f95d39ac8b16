/** All that is known at the end of a run: what was written, what the database has, what each reader saw. */
export interface History {
  /** In the order in which each writer sent them. */
  readonly writes: readonly Write[];
  /** What the database has at the end: each user's rows, as its pages give them. */
  readonly inboxes: ReadonlyMap<string, readonly Row[]>;
  readonly readings: readonly Reading[];
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
  | { readonly kind: 'complete' | 'reset'; readonly seq: number }
  | { readonly kind: 'row'; readonly row: Row }
  /** The list over REST, as he loads it after a reset. */
  | { readonly kind: 'reload'; readonly rows: readonly Row[] };
