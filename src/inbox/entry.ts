/** A row of an inbox, as committed. */
export interface Entry {
  readonly id: number;
  /** Whose inbox it is in. */
  readonly owner: number;
  /** The inbox's epoch when the row was read; numbers of different epochs say nothing about each other. */
  readonly epoch: string;
  /** 1, 2, 3 … within the inbox, in commit order, without holes. */
  readonly seq: number;
  readonly type: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly seenAt: Date | null;
  readonly readAt: Date | null;
  readonly archivedAt: Date | null;
  readonly deliveredAt: Date | null;
}

/** What is handed to `tx.append(inbox, …)`. */
export interface EntryDraft {
  /** Whose inbox: the user's id. */
  readonly owner: number;
  /** `[a-z0-9_.-]`, 64 characters at most. */
  readonly type: string;
  readonly message: string;
  /** What JSON can hold. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Within one inbox a key is used once: a second draft with it adds nothing, its caller gets the first row. */
  readonly dedupeKey?: string;
}
