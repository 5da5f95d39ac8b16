import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Messages between nodes that are too large for the relay. Unlogged: they are of no use after a minute, and a crash of
 * PostgreSQL, which loses them, ends the connections that they were for.
 */
export class RelayLetters1764310000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // SQLite is for one node.
    if (queryRunner.connection.options.type !== 'postgres') return;
    await queryRunner.query(`
      create unlogged table relay_letter (
        id bigint generated always as identity primary key,
        created_at timestamptz not null default now(),
        payload bytea not null
      )`);
    await queryRunner.query('create index relay_letter_age on relay_letter (created_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table if exists relay_letter');
  }
}
