/**
 * Whether a value that came as JSON is nested deeper: what walks it by recursion, a schema or JSON.stringify, would run
 * out of stack. Looks at it level by level.
 */
export function isDeeperThan(depth: number, value: unknown): boolean {
  let level: unknown[] = [value];
  for (let left = depth; left >= 0; left--) {
    level = level.flatMap((one): unknown[] =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}
