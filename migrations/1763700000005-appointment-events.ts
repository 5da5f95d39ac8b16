import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happened to appointments. Instants are milliseconds since the Unix epoch. */
export class AppointmentEvents1763700000005 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Each event makes one version.
    await queryRunner.query(`
      create table appointment_event (
        appointment_id bigint not null references appointment (id) on delete cascade,
        version integer not null,
        at bigint not null,
        by_id bigint not null references users (id),
        type varchar(64) not null,
        changes text not null,
        primary key (appointment_id, version)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table appointment_event');
  }
}
