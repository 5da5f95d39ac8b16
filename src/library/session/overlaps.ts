import { isPattern, segmentsOf } from '../broker/address.js';
import { segmentsCover, segmentsOverlap } from '../broker/pattern.js';

interface Pattern {
  readonly segments: readonly string[];
  readonly count: number;
}

/**
 * How many of some addresses, which may be patterns, show the same one when another is added. Patterns that overlap in
 * pairs are counted as if there were an address that all of them show, which there mostly is.
 */
export function mostShown(
  added: string,
  addresses: Iterable<string>,
  patterns: Patterns | undefined,
): number {
  if (!isPattern(added)) {
    let same = 0;
    for (const address of addresses) if (address === added) same++;
    return same + 1 + (patterns ? sum(patterns.overlapping(segmentsOf(added))) : 0);
  }
  const segments = segmentsOf(added);
  const overlapping = patterns?.overlapping(segments) ?? [];
  let most = sum(overlapping) + 1;
  for (const [plain, count] of counted(addresses)) {
    const shown = segmentsOf(plain);
    if (!segmentsCover(segments, shown)) continue;
    const matching = overlapping.filter((one) => segmentsCover(one.segments, shown));
    most = Math.max(most, count + sum(matching) + 1);
  }
  return most;
}

/** The patterns among the subscriptions of a connection; mostly there are none. */
export class Patterns {
  readonly #all = new Map<string, Pattern>();

  add(pattern: string): void {
    const { segments, count } = this.#all.get(pattern) ?? { segments: segmentsOf(pattern), count: 0 };
    this.#all.set(pattern, { segments, count: count + 1 });
  }

  delete(pattern: string): void {
    const known = this.#all.get(pattern);
    if (!known) return;
    if (known.count > 1) this.#all.set(pattern, { ...known, count: known.count - 1 });
    else this.#all.delete(pattern);
  }

  overlapping(segments: readonly string[]): Pattern[] {
    return [...this.#all.values()].filter((one) => segmentsOverlap(one.segments, segments));
  }
}

function sum(patterns: readonly Pattern[]): number {
  return patterns.reduce((total, { count }) => total + count, 0);
}

function counted(addresses: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const address of addresses) {
    if (!isPattern(address)) counts.set(address, (counts.get(address) ?? 0) + 1);
  }
  return counts;
}
