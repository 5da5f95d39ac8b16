import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators look for among deliveries and reminders: what is rare there, and what is one person's. */
export class DeliveryLooks1764380000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("create index delivery_failed on delivery (id) where state = 'failed'");
    await queryRunner.query(
      "create index reminder_of on reminder (recipient_id, state, changed_at, id) where state <> 'planned'",
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index reminder_of');
    await queryRunner.query('drop index delivery_failed');
  }
}
