import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Changes of appointments that wait, because they can still be taken back. Instants are milliseconds since the Unix epoch. */
export class PendingChanges1764340000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table pending_change (
        appointment_id bigint primary key references appointment (id) on delete cascade,
        by_id bigint not null references users (id),
        status varchar(16) not null,
        reason varchar(500),
        due_at bigint not null
      )`);
    await queryRunner.query('create index pending_change_due on pending_change (due_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table pending_change');
  }
}
