import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { instant } from '../../library/store/instant.js';

/** A word from the clinic to the patient of an appointment. */
@Entity('patient_message')
export class PatientMessageRow {
  @PrimaryGeneratedColumn()
  readonly id!: number;

  @Column('bigint', { name: 'appointment_id' })
  readonly appointmentId!: number;

  @Column('bigint', { transformer: instant })
  readonly at!: Date;

  /** The user who said it. */
  @Column('bigint', { name: 'by_id' })
  readonly by!: number;

  @Column('text')
  readonly text!: string;
}
