import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Addresses under which people's calendars read their appointments. Instants are milliseconds since the Unix epoch. */
export class CalendarFeeds1764370000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // A hash alone: who reads the table can't read a calendar.
    await queryRunner.query(`
      create table calendar_feed (
        user_id bigint primary key references users (id) on delete cascade,
        token_hash varchar(64) not null unique,
        created_at bigint not null
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table calendar_feed');
  }
}
