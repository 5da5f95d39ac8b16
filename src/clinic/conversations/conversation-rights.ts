import type { Authorizer, User, Verb } from '../../library/session/ports.js';
import { rowsOf } from '../../library/store/rows.js';
import type { Store } from '../../library/store/store.js';
import { conversationIn, isConversation } from './conversation-address.js';

/** Members read their conversations, and nobody else does, whatever their role is; for other addresses the others decide. */
export class ConversationRights implements Authorizer {
  constructor(
    private readonly others: Authorizer,
    private readonly store: Store,
  ) {}

  isAllowed(user: User, verb: Verb, address: string): boolean | Promise<boolean> {
    if (!isConversation(address)) return this.others.isAllowed(user, verb, address);
    const id = conversationIn(address);
    // What is said is checked and stored on its way in: `/app/conversations/{id}/message`.
    return id !== undefined && verb === 'SUBSCRIBE' && this.#isMember(user, id);
  }

  async #isMember({ name }: User, id: number): Promise<boolean> {
    const [member] = await rowsOf(
      this.store.readFor(`user ${name}`),
      `select 1 from conversation_member m join users u on u.id = m.user_id
       join conversation c on c.conversation_id = m.conversation_id
       where u.email = $1 and m.conversation_id = $2 and m.left_seq is null and c.deleted_at is null`,
      [name, id],
    );
    return member !== undefined;
  }
}
