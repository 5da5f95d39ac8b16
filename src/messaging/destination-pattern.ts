/** Matches destinations against a pattern such as `/rooms/{room}` or `/rooms.{room}.send`. */
export interface DestinationPattern {
  /** The pattern without the names of its variables: two patterns of one shape match the same destinations. */
  readonly shape: string;
  readonly variables: readonly string[];
  /** @returns the variables, percent-decoded; undefined where the destination doesn't match */
  match(destination: string): ReadonlyMap<string, string> | undefined;
}

/**
 * A variable takes what stands up to the next `/`; after a `.`, up to the next `/` or `.`. So `/rooms/{room}` takes an
 * e-mail address, and `/rooms.{room}.send` is read as in Spring with `.` as separator.
 * @throws {TypeError} where a brace isn't part of a `{name}` that fills its segment, or a name comes twice
 */
export function destinationPattern(pattern: string): DestinationPattern {
  const variables: string[] = [];
  let expression = '';
  let rest = pattern;
  for (let found = VARIABLE.exec(rest); found; found = VARIABLE.exec(rest)) {
    const [whole, separator = '', name = ''] = found;
    if (variables.includes(name)) throw new TypeError(`${pattern} has two variables {${name}}`);
    variables.push(name);
    expression +=
      literal(rest.slice(0, found.index) + separator) + (separator === '.' ? '([^/.]+)' : '([^/]+)');
    rest = rest.slice(found.index + whole.length);
  }
  expression += literal(rest);
  if (/[{}]/.test(pattern.replaceAll(EVERY_VARIABLE, '')))
    throw new TypeError(`${pattern}: {name} fills a segment`);

  const matcher = new RegExp(`^${expression}$`);
  return {
    shape: pattern.replaceAll(EVERY_VARIABLE, '$1{}'),
    variables,
    match(destination) {
      const values = matcher.exec(destination)?.slice(1).map(decoded);
      if (!values || values.includes(undefined)) return undefined;
      return new Map(variables.map((name, i) => [name, values[i] ?? '']));
    },
  };
}

/** Orders patterns so that the first that matches is the most special: a literal segment before a variable. */
export function compareShapes(one: string, other: string): number {
  // A variable sorts behind every character that could stand in its place.
  const rank = (shape: string) => shape.replaceAll('{}', '\uFFFF');
  return rank(one) < rank(other) ? -1 : 1;
}

const VARIABLE = /([/.])\{(\w+)\}(?=[/.]|$)/;
const EVERY_VARIABLE = new RegExp(VARIABLE, 'g');

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/** Undefined where the escapes are broken: no method answers to such a destination. */
function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    // URIError has nothing to add.
    return undefined;
  }
}
