import type { Clock, Timer } from '../broker/clock.js';

/** What work comes to; where it takes longer, `late` says what to throw. What it comes to then is nobody's. */
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
