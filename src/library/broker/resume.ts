import { cursorOf, parseCursor, type Cursor } from './cursor.js';
import type { LogHead } from './log.js';
import { CURSOR, EVENT_TYPE, type Message } from './message.js';

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

/**
 * Judges a position against a log.
 * @param known why it can't be served, where that was found out before
 * @returns the verdict, and the position from which the reader goes on
 */
export function judge(
  since: string,
  head: LogHead,
  known?: ResetReason,
): { readonly verdict: Verdict; readonly position: number } {
  const at = (seq: number): string => cursorOf({ epoch: head.epoch, seq });
  const said = { from: since, to: at(head.seq), earliest: at(head.earliest) };
  const cursor = since === EARLIEST ? { epoch: head.epoch, seq: head.earliest } : parseCursor(since);
  const reason = known ?? (cursor ? reasonToReset(cursor, head) : 'malformed');
  if (cursor && reason === undefined)
    return { verdict: { verdict: 'complete', ...said }, position: cursor.seq };
  return { verdict: { verdict: 'reset', ...(reason && { reason }), ...said }, position: head.seq };
}

/** Why not everything after a cursor can be had; undefined where it can. */
export function reasonToReset(cursor: Cursor, head: LogHead): ResetReason | undefined {
  if (cursor.epoch !== head.epoch) return 'unknown_epoch';
  if (cursor.seq > head.seq) return 'ahead';
  return cursor.seq < head.earliest ? 'pruned' : undefined;
}

/**
 * The verdict as the first message of a subscription. Its own cursor is the one given where nothing is missing, and the
 * head where the reader reloads: so a drop before the first row loses nothing.
 */
export function resumeMessage(
  id: string,
  address: string,
  verdict: Verdict,
  position: number,
  head: LogHead,
): Message {
  const seq = verdict.verdict === 'complete' ? position : head.seq;
  return {
    id,
    address,
    isControl: true,
    headers: new Map([
      ['content-type', 'application/json'],
      [EVENT_TYPE, 'resume'],
      [CURSOR, cursorOf({ epoch: head.epoch, seq })],
    ]),
    body: Buffer.from(JSON.stringify(verdict)),
  };
}
