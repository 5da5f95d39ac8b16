import { createHash, randomBytes } from 'node:crypto';
import type { Limits } from '../limits.js';
import { ownerOf } from '../../library/store/owner.js';
import { rowsOf } from '../../library/store/rows.js';
import type { Store } from '../../library/store/store.js';
import { Refusal } from '../errors.js';
import type { SignedIn } from './signed-in.js';
import { StreamTicketRow } from './stream-ticket.entity.js';

/** A word that stands for a login once, in a URL. */
export interface Ticket {
  readonly ticket: string;
  readonly expiresAt: Date;
}

/** The login of a ticket, and what a client must show to use the ticket again. */
export interface Redeemed {
  readonly sessionId: string;
  /** On the first use only. */
  readonly cookie?: string;
}

/**
 * Tickets for streams: a browser's EventSource sends no headers, and a token in an URL ends up in logs. They lie in
 * the database, hashed, so that every node knows whether one was spent.
 */
export class Tickets {
  /** When this process made those that are young, in monotonic ms, the oldest first: the wall clock may be set meanwhile. */
  readonly #madeAt = new Map<string, number>();

  constructor(
    private readonly store: Store,
    private readonly limits: Pick<Limits, 'ticketMs' | 'tickets'>,
    private readonly now = (): number => performance.now(),
  ) {}

  async issue({ id, sessionId }: SignedIn): Promise<Ticket> {
    const ticket = secret();
    const expiresAt = new Date(Date.now() + this.limits.ticketMs);
    await this.store.write(async (tx) => {
      await tx.manager.insert(StreamTicketRow, { ticketHash: hash(ticket), sessionId, expiresAt });
      await tx.manager.query(
        `delete from stream_ticket where session_id = $1 and ticket_hash not in (
           select ticket_hash from stream_ticket where session_id = $1 order by expires_at desc limit $2)`,
        [sessionId, this.limits.tickets],
      );
    }, ownerOf(id));
    this.#forgetOld();
    this.#madeAt.set(hash(ticket), this.now());
    return { ticket, expiresAt };
  }

  /**
   * The first use spends it and gives a cookie; later uses need that.
   * @throws {Refusal} auth_failed
   */
  async redeem(ticket: string, cookie: string | undefined): Promise<Redeemed> {
    const found = await this.store.read.findOneBy(StreamTicketRow, { ticketHash: hash(ticket) });
    if (!found) throw spent();
    if (found.cookieHash !== null) {
      if (cookie === undefined || hash(cookie) !== found.cookieHash) throw spent();
      return { sessionId: found.sessionId };
    }
    const fresh = secret();
    const [first] = await this.store.write((tx) =>
      rowsOf<{ session_id: string }>(
        tx.manager,
        `update stream_ticket set cookie_hash = $1
         where ticket_hash = $2 and cookie_hash is null and expires_at > $3 returning session_id`,
        [hash(fresh), hash(ticket), this.#dueAfter(hash(ticket))],
      ),
    );
    if (!first) throw spent();
    return { sessionId: first.session_id, cookie: fresh };
  }

  /** What a ticket's `expires_at` has to be greater than. Where another process made it, the wall clock says. */
  #dueAfter(ticketHash: string): number {
    const madeAt = this.#madeAt.get(ticketHash);
    if (madeAt === undefined) return Date.now();
    if (this.#isOld(madeAt)) throw spent();
    return 0;
  }

  #isOld(madeAt: number): boolean {
    return this.now() - madeAt >= this.limits.ticketMs;
  }

  /** After twice their life: a clock that is set back later than that finds no ticket that anybody still holds. */
  #forgetOld(): void {
    for (const [ticketHash, madeAt] of this.#madeAt) {
      if (this.now() - madeAt < 2 * this.limits.ticketMs) return;
      this.#madeAt.delete(ticketHash);
    }
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** Plain SHA-256 is enough: what is hashed has 256 random bits. */
function hash(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}

function spent(): Refusal {
  return new Refusal('auth_failed', 'The ticket is unknown, too old or spent; ask for another one.');
}
