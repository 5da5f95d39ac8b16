import { Column, Entity, PrimaryColumn } from 'typeorm';
import { instant } from '../../library/store/instant.js';

/** One use within half a minute; after it, only with the cookie that came of that use. */
@Entity('stream_ticket')
export class StreamTicketRow {
  @PrimaryColumn('varchar', { name: 'ticket_hash' })
  readonly ticketHash!: string;

  @Column('varchar', { name: 'session_id' })
  readonly sessionId!: string;

  @Column('bigint', { name: 'expires_at', transformer: instant })
  readonly expiresAt!: Date;

  /** Null until the ticket is spent. */
  @Column('varchar', { name: 'cookie_hash', nullable: true })
  readonly cookieHash!: string | null;
}
