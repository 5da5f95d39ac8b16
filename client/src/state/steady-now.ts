/**
 * Milliseconds since 1970 by a clock that nobody sets: two readings differ by what has passed between them. What day and
 * hour it is, it doesn't know: this computer's clock may be wrong.
 */
export function steadyNow(): number {
  return performance.timeOrigin + performance.now();
}
