import { dayOf, longDay, nearDay } from '../time/day.js';

/** What stands under one heading of a list. */
export interface DateGroup<T> {
  readonly label: string;
  readonly items: readonly T[];
}

/** Cuts a sorted list into days as the reader's own calendar has them. */
export function groupByDate<T extends { readonly timestamp: string }>(
  items: readonly T[],
  now: number,
  zone?: string,
): readonly DateGroup<T>[] {
  const today = dayOf(now, zone);
  const groups: { label: string; items: T[] }[] = [];
  for (const item of items) {
    const day = dayOf(item.timestamp, zone);
    const label = nearDay(day, today) ?? longDay(day, today);
    const last = groups.at(-1);
    if (last?.label === label) last.items.push(item);
    else groups.push({ label, items: [item] });
  }
  return groups;
}
