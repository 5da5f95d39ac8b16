import type { EventEmitter } from 'node:events';
import {
  DataSource,
  QueryFailedError,
  type DataSourceOptions,
  type EntityManager,
  type QueryRunner,
} from 'typeorm';
import { isAnswer } from './failure.js';

/** Asks where it is an owner's turn; undefined is nobody's. */
type InTurn = <T>(owner: string | undefined, ask: () => Promise<T>) => Promise<T>;

/** A DataSource whose statements wait for their turn, and that looks at their errors before their callers do. */
export class GuardedDataSource extends DataSource {
  constructor(
    options: DataSourceOptions,
    /** What the caller gets instead. */
    private readonly translate: (error: unknown) => unknown,
    /** By default they wait for nothing. */
    private readonly inTurn: InTurn = (_, ask) => ask(),
  ) {
    super(options);
  }

  override createQueryRunner(mode?: 'master' | 'slave'): QueryRunner {
    return this.#guarded(super.createQueryRunner(mode), undefined);
  }

  /** A manager whose statements are this owner's. */
  managerFor(owner: string): EntityManager {
    const ofOwner = Object.create(this, {
      createQueryRunner: {
        value: (mode?: 'master' | 'slave') => this.#guarded(super.createQueryRunner(mode), owner),
      },
    }) as DataSource;
    return ofOwner.createEntityManager();
  }

  #guarded(runner: QueryRunner, owner: string | undefined): QueryRunner {
    // SQLite's driver gives the same runner every time, and to others too.
    const own = this.options.type === 'postgres' ? runner : (Object.create(runner) as QueryRunner);
    const query = runner.query.bind(runner);
    return Object.assign(own, {
      query: async (...statement: Parameters<QueryRunner['query']>): Promise<unknown> => {
        try {
          return await this.inTurn(owner, () => query(...statement));
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
