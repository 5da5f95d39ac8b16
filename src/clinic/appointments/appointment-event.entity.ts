import { Column, Entity, PrimaryColumn } from 'typeorm';
import { instant } from '../../library/store/instant.js';

/** What happened to an appointment when it got this version. */
@Entity('appointment_event')
export class AppointmentEventRow {
  @PrimaryColumn('bigint', { name: 'appointment_id' })
  readonly appointmentId!: number;

  @PrimaryColumn('integer')
  readonly version!: number;

  @Column('bigint', { transformer: instant })
  readonly at!: Date;

  /** The user who did it. */
  @Column('bigint', { name: 'by_id' })
  readonly by!: number;

  @Column('varchar')
  readonly type!: string;

  /** JSON. */
  @Column('text')
  readonly changes!: string;
}
