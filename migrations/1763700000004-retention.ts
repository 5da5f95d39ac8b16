import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds what may be pruned by its age, past everything that is kept because nobody has read it. */
export class Retention1763700000004 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'create index notification_prunable on notification (created_at) where read_at is not null or archived_at is not null',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index notification_prunable');
  }
}
