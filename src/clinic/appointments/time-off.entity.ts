import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { instant } from '../../library/store/instant.js';

/** A time for which a doctor is away: holidays, an afternoon, an hour that is blocked. */
@Entity('time_off')
export class TimeOffRow {
  @PrimaryGeneratedColumn()
  readonly id!: number;

  @Column('bigint', { name: 'doctor_id' })
  readonly doctorId!: number;

  @Column('bigint', { name: 'starts_at', transformer: instant })
  readonly startsAt!: Date;

  @Column('bigint', { name: 'ends_at', transformer: instant })
  readonly endsAt!: Date;

  /** For those who work there. */
  @Column('varchar', { nullable: true })
  readonly note!: string | null;
}
