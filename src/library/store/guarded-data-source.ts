import type { EventEmitter } from 'node:events';
import { DataSource, QueryFailedError, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { isAnswer } from './failure.js';

/** A DataSource that looks at the errors of its statements before their callers do. */
export class GuardedDataSource extends DataSource {
  readonly #guarded = new WeakSet<QueryRunner>();

  constructor(
    options: DataSourceOptions,
    /** What the caller gets instead. */
    private readonly translate: (error: unknown) => unknown,
    /** Where statements wait for their turn; by default for nothing. */
    private readonly inTurn: <T>(ask: () => Promise<T>) => Promise<T> = (ask) => ask(),
  ) {
    super(options);
  }

  override createQueryRunner(mode?: 'master' | 'slave'): QueryRunner {
    const runner = super.createQueryRunner(mode);
    // SQLite's driver gives the same runner every time.
    if (!this.#guarded.has(runner)) this.#guard(runner);
    return runner;
  }

  #guard(runner: QueryRunner): void {
    this.#guarded.add(runner);
    const query = runner.query.bind(runner);
    Object.assign(runner, {
      query: async (...statement: Parameters<QueryRunner['query']>): Promise<unknown> => {
        try {
          return await this.inTurn(() => query(...statement));
        } catch (error) {
          if (this.options.type === 'postgres') await discardIfSilent(runner, error);
          throw this.translate(error);
        }
      },
    });
  }
}

/** A connection that doesn't answer must not go back to the pool, where the next caller would wait on it too. */
async function discardIfSilent(runner: QueryRunner, error: unknown): Promise<void> {
  if (runner.isReleased || isAnswer(error) || !(error instanceof QueryFailedError)) return;
  // As if its socket had broken, which is what TypeORM listens for.
  const client = (await runner.connect()) as EventEmitter;
  client.emit('error', error.driverError);
}
