import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';

/** Who can sign in, with what session, and the tickets of streams. */
export class People1763700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'users',
        columns: [
          {
            name: 'id',
            type: 'integer',
            isPrimary: true,
            isGenerated: true,
            generationStrategy: 'increment',
          },
          { name: 'email', type: 'varchar', isUnique: true },
          { name: 'name', type: 'varchar' },
          { name: 'role', type: 'varchar' },
          { name: 'specialty', type: 'varchar', isNullable: true },
          { name: 'password_hash', type: 'varchar' },
        ],
      }),
    );
    await runner.createTable(
      new Table({
        name: 'login_sessions',
        columns: [
          { name: 'id', type: 'varchar', isPrimary: true },
          { name: 'user_id', type: 'integer' },
          { name: 'ends_at', type: 'bigint' },
          { name: 'expires_at', type: 'bigint' },
          { name: 'revoked_at', type: 'bigint', isNullable: true },
        ],
        foreignKeys: [
          {
            columnNames: ['user_id'],
            referencedTableName: 'users',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
      }),
    );
    await runner.createIndices('login_sessions', [
      new TableIndex({ name: 'login_sessions_of_user', columnNames: ['user_id'] }),
      new TableIndex({ name: 'login_sessions_revoked', columnNames: ['revoked_at'] }),
    ]);
    await runner.createTable(
      new Table({
        name: 'stream_tickets',
        columns: [
          { name: 'ticket_hash', type: 'varchar', isPrimary: true },
          { name: 'session_id', type: 'varchar' },
          { name: 'expires_at', type: 'bigint' },
          { name: 'cookie_hash', type: 'varchar', isNullable: true },
        ],
        foreignKeys: [
          {
            columnNames: ['session_id'],
            referencedTableName: 'login_sessions',
            referencedColumnNames: ['id'],
            onDelete: 'CASCADE',
          },
        ],
      }),
    );
    await runner.createIndex(
      'stream_tickets',
      new TableIndex({ name: 'stream_tickets_of_session', columnNames: ['session_id'] }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('stream_tickets');
    await runner.dropTable('login_sessions');
    await runner.dropTable('users');
  }
}
