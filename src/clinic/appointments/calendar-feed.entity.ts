import { Column, Entity, PrimaryColumn } from 'typeorm';
import { instant } from '../../library/store/instant.js';

/** The address under which a person's calendar reads their appointments. */
@Entity('calendar_feed')
export class CalendarFeedRow {
  @PrimaryColumn('bigint', { name: 'user_id' })
  readonly userId!: number;

  @Column('varchar', { name: 'token_hash', unique: true })
  readonly tokenHash!: string;

  @Column('bigint', { name: 'created_at', transformer: instant })
  readonly createdAt!: Date;
}
