import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the unread rows of an inbox that a newer one makes old. */
export class Superseded1764280000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table notification add column supersede_key varchar(255)');
    await queryRunner.query(
      `create index notification_superseded on notification (owner_id, supersede_key, seq)
       where read_at is null and supersede_key is not null`,
    );
    if (queryRunner.connection.options.type === 'postgres') return;
    // What an inbox looks like that has grown, as in the migration that made it.
    await queryRunner.query(`
      insert into sqlite_stat1 (tbl, idx, stat) values ('notification', 'notification_superseded', '20000 20 1 1')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index notification_superseded');
    await queryRunner.query('alter table notification drop column supersede_key');
  }
}
