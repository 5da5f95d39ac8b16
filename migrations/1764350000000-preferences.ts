import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people want to hear, and where: JSON of what they changed, so that the rest follows the defaults. */
export class Preferences1764350000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table preference (
        user_id bigint primary key references users (id) on delete cascade,
        changes text not null
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table preference');
  }
}
