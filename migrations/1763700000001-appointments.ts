import { Table, TableIndex, type MigrationInterface, type QueryRunner } from 'typeorm';

/** Appointments, and the cells of doctors' time that they hold. */
export class Appointments1763700000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'appointments',
        columns: [
          {
            name: 'id',
            type: 'integer',
            isPrimary: true,
            isGenerated: true,
            generationStrategy: 'increment',
          },
          { name: 'patient_id', type: 'integer' },
          { name: 'doctor_id', type: 'integer' },
          { name: 'starts_at', type: 'bigint' },
          { name: 'duration_minutes', type: 'integer' },
          { name: 'status', type: 'varchar' },
          { name: 'reason', type: 'varchar', isNullable: true },
          { name: 'zone', type: 'varchar' },
          { name: 'version', type: 'integer' },
        ],
        foreignKeys: [
          { columnNames: ['patient_id'], referencedTableName: 'users', referencedColumnNames: ['id'] },
          { columnNames: ['doctor_id'], referencedTableName: 'users', referencedColumnNames: ['id'] },
        ],
      }),
    );
    // Lists are pages by (starts_at, id), of a patient, of a doctor, or of all.
    await runner.createIndices('appointments', [
      new TableIndex({ name: 'appointments_of_patient', columnNames: ['patient_id', 'starts_at', 'id'] }),
      new TableIndex({ name: 'appointments_of_doctor', columnNames: ['doctor_id', 'starts_at', 'id'] }),
      new TableIndex({ name: 'appointments_by_time', columnNames: ['starts_at', 'id'] }),
    ]);
    await runner.createTable(
      new Table({
        name: 'appointment_cells',
        columns: [
          // The primary key is the rule: nobody shares a cell of a doctor's time.
          { name: 'doctor_id', type: 'integer', isPrimary: true },
          { name: 'cell', type: 'integer', isPrimary: true },
          { name: 'appointment_id', type: 'integer' },
        ],
        foreignKeys: [
          {
            columnNames: ['appointment_id'],
            referencedTableName: 'appointments',
            referencedColumnNames: ['id'],
          },
        ],
      }),
    );
    await runner.createIndex(
      'appointment_cells',
      new TableIndex({ name: 'cells_of_appointment', columnNames: ['appointment_id'] }),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('appointment_cells');
    await runner.dropTable('appointments');
  }
}
