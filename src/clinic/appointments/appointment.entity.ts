import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { instant } from '../../library/store/instant.js';
import type { Status } from './status.js';

/** A patient, a doctor, and when. */
@Entity('appointment')
export class AppointmentRow {
  @PrimaryGeneratedColumn()
  readonly id!: number;

  @Column('bigint', { name: 'patient_id' })
  readonly patientId!: number;

  @Column('bigint', { name: 'doctor_id' })
  readonly doctorId!: number;

  @Column('bigint', { name: 'starts_at', transformer: instant })
  readonly startsAt!: Date;

  @Column('integer', { name: 'duration_minutes' })
  readonly durationMinutes!: number;

  @Column('varchar')
  readonly status!: Status;

  @Column('varchar', { nullable: true })
  readonly reason!: string | null;

  /** IANA zone of the clinic when it was booked: an instant alone doesn't say which clock the two had in mind. */
  @Column('varchar')
  readonly zone!: string;

  /** 1 when it is booked; each change adds one. */
  @Column('integer')
  readonly version!: number;
}

/** A row as a plain value. */
export type AppointmentColumns = Pick<AppointmentRow, keyof AppointmentRow>;

/** When an appointment ends. */
export function endOf({
  startsAt,
  durationMinutes,
}: Pick<AppointmentRow, 'startsAt' | 'durationMinutes'>): Date {
  return new Date(startsAt.getTime() + durationMinutes * 60_000);
}
