/** Matches destinations against a pattern such as `/rooms/{room}` or `/rooms.{room}.send`. */
export interface DestinationPattern {
  /** The pattern without the names of its variables: two patterns of one shape match the same destinations. */
  readonly shape: string;
  readonly variables: readonly string[];
  /** @returns the variables as they stand in the destination, percent-encoded; undefined where it doesn't match */
  match(destination: string): ReadonlyMap<string, string> | undefined;
}

/**
 * A variable takes what stands up to the next `/`; after a `.`, up to the next `/` or `.`. So `/rooms/{room}` takes an
 * e-mail address, and `/rooms.{room}.send` is read as in Spring with `.` as separator. `*` is a variable without name;
 * `**` at the end takes the rest, which may be empty.
 * @throws {TypeError} it is empty, a brace or a star isn't one of these that fills its segment, or a name comes twice
 */
export function destinationPattern(pattern: string): DestinationPattern {
  if (pattern === '') throw new TypeError('a pattern without a prefix can’t be empty');
  const variables: string[] = [];
  let expression = '';
  let end = 0;
  for (const found of pattern.matchAll(WILDCARD)) {
    const [whole, separator = '', name] = found;
    const isRest = whole.endsWith('**');
    expression += literal(pattern.slice(end, found.index));
    end = found.index + whole.length;
    if (isRest && end < pattern.length) throw new TypeError(`${pattern}: ** stands at the end`);
    if (isRest) expression += '(?:[/.].*)?';
    else expression += literal(separator) + segment(separator, name);
    if (name === undefined) continue;
    if (variables.includes(name)) throw new TypeError(`${pattern} has two variables {${name}}`);
    variables.push(name);
  }
  expression += literal(pattern.slice(end));
  if (/[{}*]/.test(pattern.replaceAll(WILDCARD, '')))
    throw new TypeError(`${pattern}: {name}, * and ** fill a segment`);

  const matcher = new RegExp(`^${expression}$`, 's');
  return {
    shape: pattern.replaceAll(/\{\w+\}/g, '{}'),
    variables,
    match(destination) {
      const values = matcher.exec(destination)?.slice(1);
      if (!values?.every(isDecodable)) return undefined;
      return new Map(variables.map((name, i) => [name, values[i] ?? '']));
    },
  };
}

/** Orders patterns so that the first that matches is the most special: a literal segment before a variable before a star. */
export function compareShapes(one: string, other: string): number {
  // Wildcards sort behind every character that could stand in their place, and the longest one last.
  const rank = (shape: string) =>
    shape.replace(/\*\*$/, '\uFFFF').replaceAll('*', '\uFFFE').replaceAll('{}', '\uFFFD');
  return rank(one) < rank(other) ? -1 : 1;
}

const WILDCARD = /([/.])(?:\{(\w+)\}|\*\*?)(?=[/.]|$)/g;

function segment(separator: string, name: string | undefined): string {
  const characters = separator === '.' ? '[^/.]+' : '[^/]+';
  return name === undefined ? characters : `(${characters})`;
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/** Where the escapes are broken, no method answers to a destination. */
function isDecodable(value: string): boolean {
  try {
    decodeURIComponent(value);
    return true;
  } catch {
    // URIError has nothing to add.
    return false;
  }
}
