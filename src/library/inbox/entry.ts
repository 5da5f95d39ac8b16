import type { Cursor } from '../broker/cursor.js';

/** A row of an inbox, as committed, with its position: a client that names it has had everything up to here. */
export interface Entry extends Cursor {
  readonly id: number;
  /** The user's id, whose inbox holds it. */
  readonly owner: number;
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
  /** The id of the user whose inbox it goes to. */
  readonly owner: number;
  /** `[a-z0-9_.-]`, 64 characters at most. */
  readonly type: string;
  readonly message: string;
  /** What JSON can hold. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Within one inbox a key is used once: a second draft with it adds nothing, its caller gets the first row. */
  readonly dedupeKey?: string;
  /**
   * Of the rows with one key in an inbox only the newest stays unread: the older ones are read by this one's coming, in
   * the same transaction, and never count as seen. So what changes again and again doesn't fill a badge.
   */
  readonly supersedeKey?: string;
  /** Other keys whose older rows are read by this one's coming as well: what it says makes them untrue. */
  readonly supersedes?: readonly string[];
}

/** A row as its transaction added it. */
export interface AddedEntry extends Entry {
  /** Ids of older rows that it superseded: these are read now. Absent where there were none. */
  readonly superseded?: readonly number[];
}

/** @throws {TypeError} what no database would take; found here it fails one unit of work, later it would fail many */
export function checkDraft(draft: EntryDraft): void {
  const { owner, type, message, data, dedupeKey, supersedeKey, supersedes = [] } = draft;
  if (!Number.isSafeInteger(owner)) throw new TypeError(`An inbox's owner is an integer, not ${owner}`);
  if (!/^[a-z0-9_.-]{1,64}$/.test(type)) throw new TypeError(`${JSON.stringify(type)} can't be a type`);
  // PostgreSQL's text can't hold it.
  if (message.includes('\0')) throw new TypeError('A message may not contain NUL');
  const keys = [
    ['dedupeKey', dedupeKey],
    ...[supersedeKey, ...supersedes].map((key) => ['supersedeKey', key]),
  ];
  for (const [name, key] of keys) {
    if (key !== undefined && !/^[^\0\p{Surrogate}]{1,255}$/u.test(key))
      throw new TypeError(`A ${name} has 1 to 255 characters, without NUL`);
  }
  // Throws for cycles and BigInt.
  JSON.stringify(data);
}
