import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a request with a key was answered, for whoever sends it again. Instants are milliseconds since the Unix epoch. */
export class KeptAnswers1763700000003 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table kept_answer (
        owner_id bigint not null,
        request_key varchar(255) not null,
        fingerprint varchar(64) not null,
        answer text not null,
        created_at bigint not null,
        primary key (owner_id, request_key)
      )`);
    await queryRunner.query('create index kept_answer_age on kept_answer (created_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table kept_answer');
  }
}
