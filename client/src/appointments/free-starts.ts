import { cellMs } from '../../../src/clinic/appointments/cell-length.js';
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

/** The free cells and those that an appointment itself holds: a user who moves it may use them. */
export function withOwnCells(slots: readonly Slot[], own: Slot): readonly Slot[] {
  const cells: Slot[] = [];
  for (let start = Date.parse(own.startsAt); start < Date.parse(own.endsAt); start += cellMs) {
    // Freed meanwhile, it comes from the server as well.
    if (slots.some(({ startsAt }) => Date.parse(startsAt) === start)) continue;
    cells.push({ startsAt: iso(start), endsAt: iso(start + cellMs) });
  }
  return [...slots, ...cells];
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** The free starts nearest to a wish, in the order of the day. */
export function nearestStarts(starts: readonly string[], wish: string, count: number): readonly string[] {
  const distance = (start: string) => Math.abs(Date.parse(start) - Date.parse(wish));
  return starts
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, count)
    .toSorted((a, b) => Date.parse(a) - Date.parse(b));
}
