import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds what is alive without a look at all that was: appointments to come, events of an hour, logins, tickets. */
export class Alive1764280000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create index appointment_open on appointment (patient_id, starts_at, duration_minutes)
      where status in ('proposed', 'pending', 'waitlist', 'booked', 'arrived', 'checked-in')`);
    await queryRunner.query(
      'create index appointment_event_author on appointment_event (by_id, at, appointment_id, type)',
    );

    await queryRunner.query('drop index login_session_user');
    await queryRunner.query(
      'create index login_session_open on login_session (user_id, expires_at) where revoked_at is null',
    );
    await queryRunner.query(
      'create index login_session_ended on login_session (user_id, expires_at) where revoked_at is not null',
    );
    await queryRunner.query('create index login_session_expiry on login_session (expires_at)');
    await queryRunner.query(
      'create index stream_ticket_unspent on stream_ticket (expires_at) where cookie_hash is null',
    );
    await queryRunner.query('create index kept_answer_newest on kept_answer (owner_id, created_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index kept_answer_newest');
    await queryRunner.query('drop index stream_ticket_unspent');
    await queryRunner.query('drop index login_session_expiry');
    await queryRunner.query('drop index login_session_ended');
    await queryRunner.query('drop index login_session_open');
    await queryRunner.query('create index login_session_user on login_session (user_id)');
    await queryRunner.query('drop index appointment_event_author');
    await queryRunner.query('drop index appointment_open');
  }
}
