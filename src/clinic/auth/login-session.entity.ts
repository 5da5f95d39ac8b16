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

  /** Null in rows from before it was noted. */
  @Column('bigint', { name: 'opened_at', transformer: instant, nullable: true })
  readonly openedAt!: Date | null;

  /** When it got its last token. */
  @Column('bigint', { name: 'renewed_at', transformer: instant, nullable: true })
  readonly renewedAt!: Date | null;

  /** How long each of its tokens lasts, in ms; null: as long as `LIMIT_TOKEN_MS` says. */
  @Column('bigint', { name: 'life_ms', nullable: true })
  readonly lifeMs!: number | null;

  /** What the client called itself (RFC 9110, 10.1.5), cut; null where it said nothing. */
  @Column('varchar', { nullable: true })
  readonly device!: string | null;

  @Column('bigint', { name: 'revoked_at', transformer: instant, nullable: true })
  readonly revokedAt!: Date | null;
}
