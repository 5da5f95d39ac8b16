import { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
import { SqliteQueryRunner } from 'typeorm/driver/sqlite/SqliteQueryRunner.js';

/** Counts the transactions that this process commits, by watching what TypeORM sends. */
export class Commits {
  count = 0;

  constructor() {
    this.#watch(SqliteQueryRunner.prototype);
    this.#watch(PostgresQueryRunner.prototype);
  }

  #watch(runner: { query(...statement: unknown[]): Promise<unknown> }): void {
    const query = Reflect.get(runner, 'query');
    const counted = (statement: unknown): void => {
      if (statement === 'COMMIT') this.count += 1;
    };
    runner.query = function (this: typeof runner, ...statement) {
      counted(statement[0]);
      return query.apply(this, statement);
    };
  }
}
