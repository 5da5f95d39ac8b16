/** Measured values, kept to the last one: what is rare is what the tails are made of. */
export class Samples {
  readonly #values: number[] = [];

  add(value: number): void {
    this.#values.push(value);
  }

  clear(): void {
    this.#values.length = 0;
  }

  summary(): Summary {
    const sorted = Float64Array.from(this.#values).toSorted();
    const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
    return { p50: at(0.5), p99: at(0.99), max: at(1) };
  }
}

/** In ms. NaN where nothing was measured. */
export interface Summary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The run in the middle: one that happened, with all its figures, rather than a mean of several. */
export function median<T>(runs: readonly T[], figure: (run: T) => number): T {
  const sorted = runs.toSorted((a, b) => figure(a) - figure(b));
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new RangeError('There is no median of nothing');
  return middle;
}
