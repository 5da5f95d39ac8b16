import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Messages of `/queue/…` that aren't settled. The broker gives the positions, which rise over all queues. */
export class Queues1763700000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const isPostgres = queryRunner.connection.options.type === 'postgres';
    await queryRunner.query(`
      create table queue_message (
        position ${isPostgres ? 'bigint' : 'integer'} primary key,
        queue varchar(511) not null,
        headers text not null,
        body ${isPostgres ? 'bytea' : 'blob'} not null,
        deliveries integer not null
      )`);
    await queryRunner.query('create index queue_message_order on queue_message (queue, position)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table queue_message');
  }
}
