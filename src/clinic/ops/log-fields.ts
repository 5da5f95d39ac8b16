/** What of a text stands in the log at most: the start says what it was, and a stranger may have written the rest. */
const TEXT_CHARACTERS = 500;
const KEY_CHARACTERS = 60;
const ENTRIES = 30;
const DEPTH = 4;
const FRAMES = 12;

/**
 * Line ends, controls, what turns the reading direction, and halves of characters: they forge lines, move the cursor of a
 * terminal, or hide what stands there.
 */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Surrogate}/gu;

/** A text as it may stand in the log. */
export function loggableText(text: string, characters = TEXT_CHARACTERS): string {
  const start = text.length > characters ? `${text.slice(0, characters)}…` : text;
  return start.replace(UNPRINTABLE, '\ufffd');
}

/** A value as it may stand in the log: bounded, and of an error what we know to be ours. */
export function loggable(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return loggableText(value);
  if (value instanceof Error) return loggableError(value, depth);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (value instanceof Date) return value;
  if (depth >= DEPTH) return '…';
  if (Array.isArray(value)) return value.slice(0, ENTRIES).map((one) => loggable(one, depth + 1));
  const entries = Object.entries(value).slice(0, ENTRIES);
  return Object.fromEntries(
    entries.map(([key, one]) => [loggableText(key, KEY_CHARACTERS), loggable(one, depth + 1)]),
  );
}

interface LoggableError {
  readonly type: string;
  readonly message: string;
  readonly stack: readonly string[];
  readonly code?: string | number;
  /** Of a database: what was violated, which is in the schema's own words. */
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

/**
 * Where it happened, what kind it is, and its message. Nothing else: a library hangs on an error what it was working on
 * (TypeORM the statement with its parameters, pg the values that collided, a parser its input).
 */
function loggableError(error: Error, depth = 0): LoggableError {
  const { code, constraint, table, column, driverError, cause, errors } = error as Details;
  const known = driverError ?? { code, constraint, table, column };
  return {
    // TypeORM's call themselves Object.
    type: driverError ? 'QueryFailedError' : loggableText(error.name, KEY_CHARACTERS),
    message: loggableText(messageOf(error)),
    ...text('code', known.code ?? code),
    ...text('constraint', known.constraint),
    ...text('table', known.table),
    ...text('column', known.column),
    stack: framesIn(error.stack),
    ...(cause !== undefined && depth < DEPTH && { cause: loggable(cause, depth + 1) }),
    ...(Array.isArray(errors) &&
      depth < DEPTH && { errors: errors.slice(0, 3).map((one) => loggable(one, depth + 1)) }),
  };
}

/** The calls alone: a stack begins with the message. */
export function framesIn(stack: string | undefined): string[] {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.slice(0, FRAMES).map((line) => loggableText(line.trim(), 200));
}

interface KnownDetails {
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly table?: unknown;
  readonly column?: unknown;
}

interface Details extends KnownDetails {
  /** TypeORM's QueryFailedError */
  readonly driverError?: KnownDetails;
  readonly query?: unknown;
  /** pg's DatabaseError */
  readonly severity?: unknown;
  /** Node's ERR_INVALID_URL, and others' */
  readonly input?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** Databases and parsers quote what they stumbled over. */
function messageOf(error: Error): string {
  const { driverError, query, severity, input } = error as Details;
  const quotes =
    driverError !== undefined ||
    query !== undefined ||
    severity !== undefined ||
    input !== undefined ||
    error instanceof SyntaxError ||
    error instanceof URIError ||
    error.message.startsWith('SQLITE_');
  return quotes ? error.message.replaceAll(/"[^]*"|'[^]*'|=.*/g, '"…"') : error.message;
}

function text(name: string, value: unknown): Readonly<Record<string, string | number>> {
  if (typeof value === 'number') return { [name]: value };
  return typeof value === 'string' ? { [name]: loggableText(value, KEY_CHARACTERS) } : {};
}
