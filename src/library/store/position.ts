import { cursorOf, parseCursor, type Cursor } from '../broker/cursor.js';
import type { LogHead } from '../broker/log.js';
import { EARLIEST, reasonToReset, type ResetReason } from '../broker/resume.js';

/** A log from its oldest position to its newest. */
export type Head = LogHead;

/** Where a cursor stands in a log. */
export interface Position {
  readonly seq: number;
  /** Why nobody can promise that all which came after it can be had. */
  readonly reason?: ResetReason | undefined;
}

/** @param text a cursor, or `earliest`, which is before the first row; undefined for everything else that none gave */
export function positionIn(head: Head, text: string): Position | undefined {
  if (text === EARLIEST) return { seq: 0 };
  const cursor = parseCursor(text);
  if (cursor?.epoch === EARLIEST)
    return { seq: cursor.seq, ...(cursor.seq > head.seq && { reason: 'ahead' as const }) };
  return cursor && { seq: cursor.seq, reason: reasonToReset(cursor, head) };
}

/**
 * Where the next page starts that has begun with `earliest`. Among what was pruned, rows that were kept still have
 * their places; these promise no more than `earliest` does.
 */
export function placeAfter(row: Cursor, head: Head): string {
  return cursorOf(row.seq < head.earliest ? { epoch: EARLIEST, seq: row.seq } : row);
}

/** What there is of a log, as cursors: rows behind `earliest`, up to `cursor`. */
export function rangeOf(head: Head): { readonly cursor: string; readonly earliest: string } {
  return { cursor: cursorOf(head), earliest: cursorOf({ epoch: head.epoch, seq: head.earliest }) };
}
