import type { MigrationInterface, QueryRunner } from 'typeorm';

/** New e-mail addresses that wait for the word of their mailbox, and those that people had before. */
export class EmailChanges1764390000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // One of each person: the newest request stands for the older ones. A hash alone, as of reset_link.
    await queryRunner.query(`
      create table email_change (
        user_id bigint primary key references users (id) on delete cascade,
        token_hash varchar(64) not null unique,
        email varchar(254) not null,
        expires_at bigint not null
      )`);
    // Until kept_until nobody else gets the address: what nodes still know of it means the person who had it.
    await queryRunner.query(`
      create table former_email (
        email varchar(254) primary key,
        user_id bigint not null references users (id) on delete cascade,
        kept_until bigint not null
      )`);
    await queryRunner.query('alter table login_session add column renamed_at bigint');
    await queryRunner.query(
      'create index login_session_renamed on login_session (renamed_at) where renamed_at is not null',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index login_session_renamed');
    await queryRunner.query('alter table login_session drop column renamed_at');
    await queryRunner.query('drop table former_email');
    await queryRunner.query('drop table email_change');
  }
}
