import type { Limits } from '../limits.js';

const HOUR_MS = 3_600_000;

/**
 * How long to wait after an attempt that failed: four times as long after each, an hour at most, and as long as the far end
 * asked for within a day. A quarter is drawn, so that what failed together doesn't come back together.
 * @param attempts that were made, from 1 on
 */
export function pauseAfter(
  attempts: number,
  retryAfterMs: number,
  { deliveryRetryMs }: Pick<Limits, 'deliveryRetryMs'>,
  random: () => number = Math.random,
): number {
  const own = Math.min(deliveryRetryMs * 4 ** (attempts - 1), HOUR_MS);
  const asked = Math.min(retryAfterMs, 24 * HOUR_MS);
  return Math.max(own * (0.75 + random() / 4), asked);
}

/** RFC 9110, 10.2.3: seconds, or a date. @returns ms; undefined where there is none that makes sense */
export function retryAfterOf(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
