import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The language that a person is told things in; null where they never chose one. */
export class Languages1764380000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table users add column language varchar(8)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table users drop column language');
  }
}
