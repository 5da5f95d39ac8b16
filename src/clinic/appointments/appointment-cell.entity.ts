import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A quarter of an hour of a doctor, held by one appointment: the primary key is the rule behind slot_taken. */
@Entity('appointment_cell')
export class AppointmentCellRow {
  @PrimaryColumn('bigint', { name: 'doctor_id' })
  readonly doctorId!: number;

  /** Quarters of an hour since the Unix epoch. */
  @PrimaryColumn('bigint')
  readonly cell!: number;

  @Column('bigint', { name: 'appointment_id' })
  readonly appointmentId!: number;
}
