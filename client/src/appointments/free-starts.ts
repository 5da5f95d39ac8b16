import type { Slot } from '../api/types.js';

const minuteMs = 60_000;

/**
 * When an appointment of that length can begin: at the start of a free cell after which enough cells
 * are free without a gap. Longer slots than the clinic's cells work the same.
 */
export function freeStarts(slots: readonly Slot[], durationMinutes: number): readonly string[] {
  const cells = slots
    .map(({ startsAt, endsAt }) => ({ startsAt, start: Date.parse(startsAt), end: Date.parse(endsAt) }))
    .toSorted((a, b) => a.start - b.start);

  return cells
    .filter(({ start }, i) => {
      let freeUntil = start;
      for (const cell of cells.slice(i)) {
        if (cell.start > freeUntil) break;
        freeUntil = Math.max(freeUntil, cell.end);
      }
      return freeUntil >= start + durationMinutes * minuteMs;
    })
    .map(({ startsAt }) => startsAt);
}

/** The free starts nearest to a wish, in the order of the day. */
export function nearestStarts(starts: readonly string[], wish: string, count: number): readonly string[] {
  const distance = (start: string) => Math.abs(Date.parse(start) - Date.parse(wish));
  return starts
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, count)
    .toSorted((a, b) => Date.parse(a) - Date.parse(b));
}
