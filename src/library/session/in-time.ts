import type { Clock, Timer } from '../broker/clock.js';

/** Resolves with the work's result, or rejects with what `late` gives. A later result is ignored. */
export async function inTime<T>(work: Promise<T>, clock: Clock, ms: number, late: () => Error): Promise<T> {
  let limit: Timer | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        limit = clock.after(ms, () => reject(late()));
      }),
    ]);
  } finally {
    limit?.cancel();
  }
}
