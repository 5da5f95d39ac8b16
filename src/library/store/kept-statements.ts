import sqlite3 from 'sqlite3';

/** Statements that are kept: an application has fewer texts, but for those that are made for one question. */
const STATEMENTS = 200;
/** Length of one that is kept, with what it is bound to: that stays in memory with it. */
const STATEMENT_CHARACTERS = 8_192;
/** SQLite counts an explained statement as one in progress until it is reset, and nothing commits meanwhile. */
const EXPLAINED = /^\s*explain\b/i;

/**
 * A connection that keeps its statements prepared. The driver goes to the thread pool and back to prepare one, and once more
 * to run it, and each way back waits for its turn of the event loop: of one that is kept there is one way instead of two.
 */
export class KeptStatements extends sqlite3.Database {
  /** Those that nobody uses now, by their text, which several may ask at once; the text that was used longest ago first. */
  readonly #idle = new Map<string, sqlite3.Statement[]>();
  #kept = 0;
  #isClosing = false;

  /** As TypeORM calls it. What isn't kept is asked as ever. */
  override all(sql: string, ...rest: unknown[]): this {
    const [parameters, callback] = rest as [unknown, Callback | undefined];
    // Preparing one on a connection that closes is an `error` of the connection, which ends the process.
    const isKept =
      !this.#isClosing && lengthOf(sql, parameters) <= STATEMENT_CHARACTERS && !EXPLAINED.test(sql);
    if (!callback || !isKept) return super.all(sql, ...rest);

    const statement = this.#take(sql) ?? this.prepare(sql);
    // Where it can't be prepared it isn't run either.
    statement.once('error', callback);
    statement.all(parameters, (error, rows) => {
      statement.removeListener('error', callback);
      if (error || this.#isClosing) statement.finalize();
      else this.#keep(sql, statement);
      callback.call(statement, error, rows);
    });
    return this;
  }

  override close(callback?: (error: Error | null) => void): void {
    this.#isClosing = true;
    while (this.#kept > 0) this.#dropOldest();
    super.close(callback);
  }

  #take(sql: string): sqlite3.Statement | undefined {
    const idle = this.#idle.get(sql);
    const statement = idle?.pop();
    if (statement) this.#kept--;
    if (idle?.length === 0) this.#idle.delete(sql);
    return statement;
  }

  #keep(sql: string, statement: sqlite3.Statement): void {
    const idle = this.#idle.get(sql) ?? [];
    idle.push(statement);
    // Behind the others, as the one that was used last.
    this.#idle.delete(sql);
    this.#idle.set(sql, idle);
    this.#kept++;
    if (this.#kept > STATEMENTS) this.#dropOldest();
  }

  #dropOldest(): void {
    const [oldest = ''] = this.#idle.keys();
    this.#take(oldest)?.finalize();
  }
}

type Callback = (this: sqlite3.Statement, error: Error | null, rows?: unknown[]) => void;

function lengthOf(sql: string, parameters: unknown): number {
  let length = sql.length;
  for (const value of Array.isArray(parameters) ? (parameters as unknown[]) : [])
    if (typeof value === 'string' || value instanceof Uint8Array) length += value.length;
  return length;
}
