import type { Cursor } from '../../library/broker/cursor.js';
import { placeAfter, type Head } from '../../library/store/position.js';
import { assertGapless, positionOf, provablePositionOf } from './positions.js';

/** Newest first, or oldest first with `after`. */
export interface PageQuery {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
}

interface Range {
  readonly after: number | undefined;
  readonly before: number | undefined;
  readonly limit: number;
}

/**
 * A page of a log.
 * @param head from before the rows are read, so that none can fall between the page and a stream from there
 * @param hasAll whether `list` leaves nothing out: then `after` proves that nothing is missing
 * @throws {Refusal} invalid_request, cursor_reset
 */
export async function readPage<Row extends Cursor>(
  head: Head,
  { after, before, limit }: PageQuery,
  hasAll: boolean,
  list: (range: Range) => Promise<readonly Row[]>,
): Promise<{ readonly rows: readonly Row[]; readonly next: string | null }> {
  const positionAfter = hasAll ? provablePositionOf : positionOf;
  const start = after === undefined ? undefined : positionAfter(after, head, 'after');
  const found = await list({
    after: start,
    before: before === undefined ? undefined : positionOf(before, head, 'before'),
    // One more than asked for shows whether there is a next page.
    limit: limit + 1,
  });
  const hasMore = found.length > limit;
  if (start !== undefined && hasAll) assertGapless(found, start, head, !hasMore);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return { rows, next: hasMore && last ? placeAfter(last, head) : null };
}
