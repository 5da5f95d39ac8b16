import { HttpError } from '../errors.js';
import { invalid } from '../http/zod.pipe.js';
import { cursorOf, parseCursor } from '../inbox/cursor.js';
import type { Head } from '../inbox/inbox.js';

/**
 * A cursor as a mere position in this inbox. `earliest` is before the first row.
 * @param path where in the request it stood
 * @throws {HttpError} invalid_request for what was never a cursor; cursor_reset for one of another epoch
 */
export function positionOf(text: string, head: Head, path: string): number {
  if (text === 'earliest') return 0;
  const cursor = parseCursor(text);
  if (!cursor) throw invalid([{ path, message: 'must be a cursor, as a notification or a page gave it' }]);
  if (cursor.epoch !== head.epoch) throw reset('unknown_epoch', head);
  return cursor.seq;
}

/**
 * A cursor after which everything is to follow, so that its reader knows that he missed nothing.
 * @throws {HttpError} invalid_request, cursor_reset where that can't be promised
 */
export function provablePositionOf(text: string, head: Head, path: string): number {
  const seq = positionOf(text, head, path);
  if (seq > head.seq) throw reset('ahead', head);
  if (text !== 'earliest' && seq < head.earliest) throw reset('pruned', head);
  return seq;
}

function reset(reason: 'unknown_epoch' | 'ahead' | 'pruned', head: Head): HttpError {
  return new HttpError(
    'cursor_reset',
    'This position cannot be served any more; load the list anew, without it.',
    { reason, cursor: cursorOf(head), earliest: cursorOf({ ...head, seq: head.earliest }) },
  );
}
