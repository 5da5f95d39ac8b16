import { Column, Entity, PrimaryColumn } from 'typeorm';
import { instant } from '../../library/store/instant.js';

/** From a login to its end; all tokens that came of it die with it. */
@Entity('login_session')
export class LoginSessionRow {
  @PrimaryColumn('varchar')
  readonly id!: string;

  @Column('integer', { name: 'user_id' })
  readonly userId!: number;

  /** When its last token expires; a refresh moves it. */
  @Column('bigint', { name: 'expires_at', transformer: instant })
  readonly expiresAt!: Date;

  /** No refresh moves `expiresAt` beyond this. */
  @Column('bigint', { name: 'ends_at', transformer: instant })
  readonly endsAt!: Date;

  @Column('bigint', { name: 'revoked_at', transformer: instant, nullable: true })
  readonly revokedAt!: Date | null;
}
