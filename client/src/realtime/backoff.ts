const baseMs = 500;
const maxMs = 30_000;

/**
 * Full jitter: anything between nothing and a ceiling that doubles, so that the clients of a
 * server that restarts don't come back in step.
 * @param failures in a row; 1 after the first
 * @param random in [0, 1)
 */
export function backoffMs(failures: number, random: number): number {
  return random * ceilingMs(failures);
}

/** The longest wait after so many failures, in ms. */
export function ceilingMs(failures: number): number {
  return Math.min(maxMs, baseMs * 2 ** Math.min(failures, 16));
}
