import { isPattern, segmentsOf } from '../broker/address.js';
import { segmentsCover, segmentsOverlap } from '../broker/pattern.js';

interface Shown {
  readonly segments: readonly string[];
  count: number;
}

/**
 * The addresses that the subscriptions of a connection are for, some of which may be patterns. Counted as they come: to
 * look at a thousand of them at each SUBSCRIBE is to look at a million for a connection.
 */
export class Overlaps {
  readonly #plain = new Map<string, Shown>();
  readonly #patterns = new Map<string, Shown>();

  constructor(addresses: Iterable<string>) {
    for (const address of addresses) this.add(address);
  }

  add(address: string): void {
    const addresses = this.#of(address);
    const known = addresses.get(address);
    if (known) known.count++;
    else addresses.set(address, { segments: segmentsOf(address), count: 1 });
  }

  delete(address: string): void {
    const known = this.#of(address).get(address);
    if (known && --known.count === 0) this.#of(address).delete(address);
  }

  /**
   * How many would show the same address with this one. Patterns that overlap in pairs are counted as if there were an
   * address that all of them show, which there mostly is.
   */
  mostWith(added: string): number {
    const segments = segmentsOf(added);
    const overlapping = [...this.#patterns.values()].filter((one) => segmentsOverlap(one.segments, segments));
    if (!isPattern(added)) return (this.#plain.get(added)?.count ?? 0) + 1 + sum(overlapping);
    let most = sum(overlapping) + 1;
    for (const shown of this.#plain.values()) {
      if (!segmentsCover(segments, shown.segments)) continue;
      const matching = overlapping.filter((one) => segmentsCover(one.segments, shown.segments));
      most = Math.max(most, shown.count + sum(matching) + 1);
    }
    return most;
  }

  #of(address: string): Map<string, Shown> {
    return isPattern(address) ? this.#patterns : this.#plain;
  }
}

function sum(shown: readonly Shown[]): number {
  return shown.reduce((total, { count }) => total + count, 0);
}
