import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a person was here last, as far as it is noted. */
export class LastSeen1764400000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table users add column last_seen_at bigint');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table users drop column last_seen_at');
  }
}
