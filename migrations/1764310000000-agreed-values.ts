import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What all nodes of a database agree on, such as a secret that one of them has made. */
export class AgreedValues1764310000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table agreed_value (
        name varchar(64) primary key,
        value varchar(255) not null
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table agreed_value');
  }
}
