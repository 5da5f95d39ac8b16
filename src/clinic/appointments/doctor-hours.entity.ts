import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The weekly hours of a doctor who has other ones than the clinic's usual. */
@Entity('doctor_hours')
export class DoctorHoursRow {
  @PrimaryColumn('bigint', { name: 'doctor_id' })
  readonly doctorId!: number;

  /** JSON, a `Week`. */
  @Column('text')
  readonly week!: string;

  /** Each change adds one. */
  @Column('integer')
  readonly version!: number;
}
