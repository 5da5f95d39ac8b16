import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a login is, for the person whose it is; and links by which a forgotten password is replaced. */
export class Logins1764360000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // life_ms: how long each of its tokens lasts; null in rows from before: as long as LIMIT_TOKEN_MS says.
    for (const column of ['opened_at bigint', 'renewed_at bigint', 'life_ms bigint', 'device varchar(200)'])
      await queryRunner.query(`alter table login_session add column ${column}`);
    // Hashes alone: who reads the table can't reset a password.
    await queryRunner.query(`
      create table reset_link (
        token_hash varchar(64) primary key,
        user_id bigint not null references users (id) on delete cascade,
        expires_at bigint not null
      )`);
    await queryRunner.query('create index reset_link_user on reset_link (user_id, expires_at)');
    await queryRunner.query('create index reset_link_expiry on reset_link (expires_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table reset_link');
    for (const column of ['device', 'life_ms', 'renewed_at', 'opened_at'])
      await queryRunner.query(`alter table login_session drop column ${column}`);
  }
}
