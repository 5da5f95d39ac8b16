import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is over of changed e-mail addresses is found without a look at what isn't. */
export class AddressesOver1764400000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create index email_change_expiry on email_change (expires_at)');
    await queryRunner.query('create index former_email_kept on former_email (kept_until)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index former_email_kept');
    await queryRunner.query('drop index email_change_expiry');
  }
}
