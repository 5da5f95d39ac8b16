import { EntitySchema, type EntityManager, type MigrationInterface, type QueryRunner } from 'typeorm';
import { rowsOf } from '../src/library/store/rows.js';
import type { Store } from '../src/library/store/store.js';
import type { Appendable, Transaction } from '../src/library/store/transaction.js';

/** A table that refuses the same name twice. */
export const Thing = new EntitySchema<{ name: string }>({
  name: 'thing',
  columns: { name: { type: 'varchar', primary: true } },
});

export async function add(tx: Transaction, name: string): Promise<void> {
  await rowsOf(tx.manager, 'insert into thing (name) values ($1)', [name]);
}

export async function namesIn(store: Store): Promise<string[]> {
  const rows = await store.read.query<{ name: string }[]>('select name from thing order by name');
  return rows.map(({ name }) => name);
}

/** Leaves the tables as new. */
export async function clear(tx: Transaction): Promise<void> {
  for (const sql of ['delete from thing', 'delete from ledger', 'update ledger_head set number = 0'])
    await rowsOf(tx.manager, sql);
}

class Things1000000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create table thing (name varchar(64) primary key)');
    await queryRunner.query('create table ledger (number integer primary key, draft varchar(64) not null)');
    await queryRunner.query('create table ledger_head (number integer not null)');
    await queryRunner.query('insert into ledger_head (number) values (0)');
  }

  async down(): Promise<void> {}
}

/** The least that has numbers: one line of rows. */
export const ledger: Appendable<string, { number: number; draft: string }> = {
  check: () => undefined,
  streamOf: () => 'ledger',
  async append(manager: EntityManager, drafts: readonly string[]) {
    const answers = [];
    for (const draft of drafts) {
      const [head] = await rowsOf<{ number: number }>(
        manager,
        'update ledger_head set number = number + 1 returning number',
      );
      const number = head?.number ?? 0;
      await rowsOf(manager, 'insert into ledger (number, draft) values ($1, $2)', [number, draft]);
      answers.push(
        draft === 'refuse me'
          ? { outcome: 'refused' as const, error: new Error('refused') }
          : { outcome: 'added' as const, row: { number, draft } },
      );
    }
    return answers;
  },
};

export const schema = { entities: [Thing], migrations: [Things1000000000000] };
