import { cursorOf, parseCursor, type Cursor } from './cursor.js';
import type { LogHead } from './log.js';
import { EVENT_TYPE, type Message } from './message.js';

/** SUBSCRIBE's `since` for all that a log still has. */
export const EARLIEST = 'earliest';

/** Why a reader has to reload. docs/errors.md says what each means to a client. */
export type ResetReason = 'unknown_epoch' | 'pruned' | 'ahead' | 'malformed';

/** What a reader that comes back is told first: it gets all that it missed, or has to reload. */
export interface Verdict {
  readonly verdict: 'complete' | 'reset';
  readonly reason?: ResetReason;
  /** As the reader gave it. */
  readonly from: string;
  /** The head at that moment, a cursor. */
  readonly to: string;
  /** The oldest position that can still be served, a cursor. */
  readonly earliest: string;
}

/** A verdict, and the position from which its reader goes on. */
export interface Judged {
  readonly verdict: Verdict;
  readonly position: Cursor;
}

/**
 * Judges a position against a log.
 * @param known why it can't be served, where that was found out before
 */
export function judge(since: string, head: LogHead, known?: ResetReason): Judged {
  const { epoch } = head;
  const end = { epoch, seq: head.seq };
  const earliest = { epoch, seq: head.earliest };
  const said = { from: since, to: cursorOf(end), earliest: cursorOf(earliest) };
  const cursor = since === EARLIEST ? earliest : parseCursor(since);
  const reason = known ?? (cursor ? reasonToReset(cursor, head) : 'malformed');
  if (cursor && reason === undefined) return { verdict: { verdict: 'complete', ...said }, position: cursor };
  return { verdict: { verdict: 'reset', ...(reason && { reason }), ...said }, position: end };
}

/** Why not everything after a cursor can be had; undefined where it can. */
export function reasonToReset(cursor: Cursor, head: LogHead): ResetReason | undefined {
  if (cursor.epoch !== head.epoch) return 'unknown_epoch';
  if (cursor.seq > head.seq) return 'ahead';
  return cursor.seq < head.earliest ? 'pruned' : undefined;
}

/**
 * The verdict as the first message of a subscription. Its position is the one that was asked for where nothing is missing,
 * and the head where the reader reloads: so a drop before the first row loses nothing.
 */
export function resumeMessage(id: string, address: string, { verdict, position }: Judged): Message {
  return {
    id,
    address,
    position,
    isControl: true,
    headers: new Map([
      ['content-type', 'application/json'],
      [EVENT_TYPE, 'resume'],
    ]),
    body: Buffer.from(JSON.stringify(verdict)),
  };
}
