/** How deep a JSON value may be nested, and of how many values it may consist. */
export interface JsonBounds {
  readonly jsonDepth: number;
  readonly jsonValues: number;
}

/**
 * What is too much of a value that came as JSON, as the end of a sentence; undefined where nothing is. What walks deep
 * nesting by recursion, a schema or JSON.stringify, would run out of stack, and a schema that finds fault with each of
 * 300,000 values holds everybody up. Looks at it level by level.
 */
export function excessIn(value: unknown, { jsonDepth, jsonValues }: JsonBounds): string | undefined {
  let level: unknown[] = [value];
  let count = 0;
  for (let depth = 0; level.length > 0; depth++) {
    count += level.length;
    if (depth > jsonDepth) return `is nested deeper than ${jsonDepth} levels`;
    if (count > jsonValues) return `holds more than ${jsonValues} values`;
    level = level.flatMap((one): unknown[] =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
  }
  return undefined;
}
