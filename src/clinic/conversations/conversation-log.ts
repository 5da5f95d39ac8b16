import { cursorOf } from '../../library/broker/cursor.js';
import type { Log, LogHead, LogMessage } from '../../library/broker/log.js';
import { encodePayload } from '../../library/nest/payload.js';
import { rowsOf } from '../../library/store/rows.js';
import { Store } from '../../library/store/store.js';
import { Refusal } from '../../library/errors.js';
import type { UsersService } from '../users/users.service.js';
import { conversationIn } from './conversation-address.js';
import { membersOf } from './members.js';
import { messageOf } from './message.js';
import { headOf, headsOf, pageOf, renewEpoch } from './message-table.js';

type Arrival = (email: string, conversationId: number, upTo: number) => Promise<void>;

/** Conversations as the logs of their addresses. Each message names its readers: a member who has left reads no further. */
export class ConversationLog implements Log {
  #arrived: Arrival = async () => {};

  constructor(
    private readonly store: Store,
    private readonly users: UsersService,
  ) {}

  /** @param arrived notes that messages have reached somebody */
  onArrived(arrived: Arrival): void {
    this.#arrived = arrived;
  }

  async head(address: string): Promise<LogHead> {
    const head = await headOf(this.store.read, idIn(address));
    if (!head) throw noAddress();
    return head;
  }

  async heads(addresses: readonly string[]): Promise<ReadonlyMap<string, LogHead>> {
    const heads = await headsOf(this.store.read, addresses.map(idIn));
    return new Map(
      addresses.flatMap((address) => {
        const head = heads.get(idIn(address));
        return head ? [[address, head]] : [];
      }),
    );
  }

  onDoubt(listener: () => void): void {
    this.store.onDoubt(listener);
  }

  async read(address: string, after: number, limit: number): Promise<LogMessage[]> {
    const id = idIn(address);
    const rows = await pageOf(this.store.read, id, { after, limit });
    const members = (await membersOf(this.store.read, [id]))(id);
    const people = await this.users.findAll(rows.map(({ senderId }) => senderId));
    const readersOf = await this.#readers(id);
    return rows.map((row) => {
      const { epoch, seq, senderId } = row;
      const shown = messageOf(row, people.get(senderId)?.name ?? '', members);
      const { contentType, body } = encodePayload(shown);
      return {
        id: cursorOf(row),
        address,
        position: { epoch, seq },
        audience: { users: readersOf(seq) },
        headers: new Map([
          ['content-type', contentType],
          ['event-type', 'message'],
        ]),
        body,
      };
    });
  }

  delivered(address: string, numbers: readonly number[], user: string): Promise<void> {
    return this.#arrived(user, idIn(address), Math.max(...numbers));
  }

  async renew(address: string): Promise<LogHead> {
    await this.store.write(({ manager }) => renewEpoch(manager, idIn(address)));
    return this.head(address);
  }

  /** Those who are in it, and those who left after that message. Nobody, where it is deleted. */
  async #readers(id: number): Promise<(seq: number) => readonly string[]> {
    const rows = await rowsOf<{ email: string; left_seq: number | null }>(
      this.store.read,
      `select u.email, m.left_seq from conversation_member m join users u on u.id = m.user_id
       join conversation c on c.conversation_id = m.conversation_id
       where m.conversation_id = $1 and c.deleted_at is null`,
      [id],
    );
    const present = rows.flatMap(({ email, left_seq }) => (left_seq === null ? [email] : []));
    if (present.length === rows.length) return () => present;
    return (seq) =>
      rows.flatMap(({ email, left_seq }) => (left_seq === null || left_seq >= seq ? [email] : []));
  }
}

/** Conversations have a log, and no other address has this one. */
export function conversationLog(log: ConversationLog): (address: string) => ConversationLog | undefined {
  return (address) => (conversationIn(address) === undefined ? undefined : log);
}

function idIn(address: string): number {
  const id = conversationIn(address);
  if (id === undefined) throw noAddress();
  return id;
}

function noAddress(): Refusal {
  return new Refusal('not_found', 'There is no such conversation.');
}
