import { Refusal } from '../errors.js';
import { invalid } from '../http/zod.pipe.js';
import { positionIn, rangeOf, type Head, type Position } from '../../library/store/position.js';

/**
 * A cursor as a mere position in this log. `earliest` is before the first row.
 * @param path where in the request it stood
 * @throws {Refusal} invalid_request for what was never a cursor; cursor_reset for one of another epoch
 */
export function positionOf(text: string, head: Head, path: string): number {
  const { seq, reason } = judged(text, head, path);
  if (reason === 'unknown_epoch') throw reset(reason, head);
  return seq;
}

/**
 * A cursor up to which something was shown or has arrived: nothing beyond the head was.
 * @throws {Refusal} invalid_request; cursor_reset for one that is ahead, or of another epoch
 */
export function reachedPositionOf(text: string, head: Head, path: string): number {
  const { seq, reason } = judged(text, head, path);
  if (reason === 'unknown_epoch' || reason === 'ahead') throw reset(reason, head);
  return seq;
}

/**
 * A cursor after which everything is to follow, so that its reader knows that nothing is missing.
 * @throws {Refusal} invalid_request, cursor_reset where that can't be promised
 */
export function provablePositionOf(text: string, head: Head, path: string): number {
  const { seq, reason } = judged(text, head, path);
  if (reason) throw reset(reason, head);
  return seq;
}

/**
 * Looks whether rows that were read oldest first are all that there were: above the prune mark none is missing.
 * @param reachesEnd nothing came after them
 * @throws {Refusal} cursor_reset: some were pruned since the head was asked for
 */
export function assertGapless(
  rows: readonly { readonly seq: number }[],
  after: number,
  head: Head,
  reachesEnd: boolean,
): void {
  const start = Math.max(after, head.earliest);
  const above = rows.filter(({ seq }) => seq > start);
  const isGapless = above.every(({ seq }, i) => seq === start + 1 + i);
  if (!isGapless || (reachesEnd && start + above.length < head.seq)) throw reset('pruned', head);
}

function judged(text: string, head: Head, path: string): Position {
  const position = positionIn(head, text);
  if (!position) throw invalid([{ path, message: 'must be a cursor, as a notification or a page gave it' }]);
  return position;
}

function reset(reason: string, head: Head): Refusal {
  return new Refusal(
    'cursor_reset',
    'This position cannot be served any more; load the list anew, without it.',
    { details: { reason, ...rangeOf(head) } },
  );
}
