import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { Refusal } from '../errors.js';

/** Turns a fault of the database that may clear by itself into `unavailable`; leaves every other error as it is. */
export function translated(error: unknown): unknown {
  return isOutage(error) && !(error instanceof Refusal) ? unavailable(error) : error;
}

/** The same for a single statement: what isn't its own failure is that of getting a connection for it. */
export function translatedStatement(error: unknown): unknown {
  return error instanceof QueryFailedError ? translated(error) : unavailable(error);
}

/** The refusal of work that the database couldn't do, and did nothing of. */
export function unavailable(cause: unknown): Refusal {
  return new Refusal('unavailable', "The database can't do this now; nothing was changed. Try again.", {
    cause,
  });
}

/** A COMMIT went out and its answer didn't come back: only looking tells what happened. */
export function unknownOutcome(cause: unknown): Refusal {
  return new Refusal(
    'unavailable',
    "The database didn't say whether it has stored this. Look before you try again.",
    { cause },
  );
}

/** PostgreSQL ended this transaction for the sake of another; the same work may succeed now. */
export function isContention(error: unknown): boolean {
  const code = codeOf(error);
  return code === '40001' || code === '40P01';
}

/** PostgreSQL: somebody held what the statement needs for longer than it may wait. */
export function isHeldUp(error: unknown): boolean {
  return codeOf(error) === '55P03';
}

/** SQLite: another connection is at it. */
export function isBusy(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_BUSY';
}

/** Whether the server answered, if only with an error; else the connection broke or timed out. */
export function isAnswer(error: unknown): boolean {
  const code = codeOf(error);
  // Class 08 is connection trouble, 57P a server that shuts down: it may have committed before it left.
  return code !== undefined && sqlState.test(code) && !/^(08|57P)/.test(code);
}

/** A statement was refused by a constraint: SQLite has taken back that statement, and it alone. */
export function isConstraint(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_CONSTRAINT';
}

const sqlState = /^[0-9A-Z]{5}$/;

const sqliteOutages = new Set([
  'SQLITE_FULL',
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
  'SQLITE_READONLY',
  'SQLITE_IOERR',
  'SQLITE_CANTOPEN',
  'SQLITE_NOMEM',
  'SQLITE_PROTOCOL',
]);

// 08 connection, 25006 read only, 40… contention that didn't end, 53 out of disk, memory or connections,
// 55P03 and 57014 waited too long, 57P shutting down, 58 i/o.
const postgresOutages = /^(08|25006|40001|40P01|53|55P03|57014|57P|58)/;

/** Whether the fault is the database's, not the statement's, and may clear by itself. */
export function isOutage(error: unknown): boolean {
  // It was translated where it happened.
  if (error instanceof Refusal) return error.code === 'unavailable';
  // Its connection broke between two statements.
  if (error instanceof QueryRunnerAlreadyReleasedError) return true;
  if (!(error instanceof QueryFailedError)) return false;
  const code = codeOf(error);
  // pg gives no code to a connection that broke or timed out under a statement.
  if (code === undefined) return !(error.driverError instanceof TypeError);
  return (
    sqliteOutages.has(code) || (sqlState.test(code) ? postgresOutages.test(code) : /^E[A-Z_]+$/.test(code))
  );
}

function codeOf(error: unknown): string | undefined {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const code = (cause as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
