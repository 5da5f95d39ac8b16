import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { SignedIn } from '../auth/signed-in.js';
import { Refusal } from '../errors.js';
import type { RequestKey } from '../http/idempotency-key.js';
import { readPage } from '../notifications/pages.js';
import { KeptAnswers } from '../../library/store/kept-answers.js';
import { ownerOf } from '../../library/store/owner.js';
import { rangeOf } from '../../library/store/position.js';
import { Store } from '../../library/store/store.js';
import type { Transaction } from '../../library/store/transaction.js';
import { UsersService } from '../users/users.service.js';
import { Bells } from './bells.js';
import { ConversationEvents } from './conversation-events.js';
import { membersOf, noConversation, type Member } from './members.js';
import { dedupeKeyOf, messageOf, type ConversationMessage, type StoredMessage } from './message.js';
import { findKeyed, headOf, MessageTable, pageOf, type AddedMessage } from './message-table.js';
import { CONVERSATIONS_OPTIONS, type ConversationsOptions } from './options.js';
import { Typing } from './typing.js';
import type { MessageQuery, MessageText } from './schemas.js';

/** A page of a conversation's messages. */
export interface MessagePage {
  readonly items: readonly ConversationMessage[];
  readonly next: string | null;
  /** The head: a subscription from there on misses nothing that this page doesn't have. */
  readonly cursor: string;
}

/** A message that was said, now or before. */
export interface Said {
  readonly message: ConversationMessage;
  /** False where the same `clientId` was there. */
  readonly isNew: boolean;
  /** By its `Idempotency-Key`. */
  readonly isReplayed: boolean;
}

/** What is said in conversations: a row first, then a push to the members who are there; the others read it later. */
@Injectable()
export class MessagesService {
  constructor(
    private readonly store: Store,
    private readonly answers: KeptAnswers,
    private readonly users: UsersService,
    private readonly table: MessageTable,
    private readonly events: ConversationEvents,
    private readonly bells: Bells,
    private readonly typing: Typing,
    @Inject(CONVERSATIONS_OPTIONS) private readonly options: ConversationsOptions,
  ) {}

  /**
   * Resolves after COMMIT.
   * @throws {Refusal} not_found: the sender isn't in it; rate_limited, idempotency_conflict
   */
  async send(
    conversationId: number,
    { senderId: id, ...said }: MessageText & { readonly senderId: number },
    key?: RequestKey,
  ): Promise<Said> {
    const sender = { id };
    if (key) return this.#sendOnce(sender, conversationId, said, key);
    const dedupeKey = said.clientId === undefined ? undefined : dedupeKeyOf(id, said.clientId);
    let answer: Said | undefined;
    await this.store.write(async (tx) => {
      this.#append(tx, sender, conversationId, { text: said.text, dedupeKey }, (message, isNew) => {
        answer = { message, isNew, isReplayed: false };
      });
    }, ownerOf(id));
    return committed(answer);
  }

  async #sendOnce(
    sender: Pick<SignedIn, 'id'>,
    conversationId: number,
    { text, clientId }: MessageText,
    key: RequestKey,
  ): Promise<Said> {
    let answer: Said | undefined;
    // The row gets its number only when the unit has ended: what is kept is a name to find it by.
    const { answer: name, isReplayed } = await this.answers.once(
      { owner: sender.id, ...key },
      async (tx) => {
        const dedupeKey = clientId === undefined ? `keyed/${randomUUID()}` : dedupeKeyOf(sender.id, clientId);
        this.#append(tx, sender, conversationId, { text, dedupeKey }, (message, isNew) => {
          answer = { message, isNew, isReplayed: false };
        });
        return dedupeKey;
      },
      String,
    );
    if (!isReplayed) return committed(answer);
    const read = this.store.readFor(ownerOf(sender.id));
    const members = await this.#membersFor(sender, conversationId);
    const stored = await findKeyed(read, conversationId, name);
    if (!stored) throw new Refusal('not_found', 'It was sent, and is too old to be shown by now.');
    const [message] = await this.#shown([stored], members);
    return { ...committed(message && { message, isNew: false }), isReplayed };
  }

  #append(
    tx: Transaction,
    sender: Pick<SignedIn, 'id'>,
    conversationId: number,
    { text, dedupeKey }: { readonly text: string; readonly dedupeKey: string | undefined },
    onCommitted: (message: ConversationMessage, isNew: boolean) => void,
  ): void {
    const draft = {
      conversationId,
      senderId: sender.id,
      // Half a surrogate pair has no UTF-8, and PostgreSQL refuses it.
      text: text.replaceAll(/\p{Surrogate}/gu, '\uFFFD'),
      dedupeKey,
    };
    tx.append(this.table, draft, (added, outcome) => {
      const message = shownNow(added);
      if (outcome === 'added') this.#tell(added, message);
      onCommitted(message, outcome === 'added');
    });
  }

  #tell(added: AddedMessage, message: ConversationMessage): void {
    this.events.said(added, message);
    this.bells.said(message.conversationId);
    this.typing.said(added.senderId, message.conversationId, added.members);
  }

  /** Newest first, or oldest first with `after`. @throws {Refusal} not_found, invalid_request, cursor_reset */
  async list(reader: SignedIn, conversationId: number, query: MessageQuery): Promise<MessagePage> {
    const members = await this.#membersFor(reader, conversationId);
    const read = this.store.readFor(ownerOf(reader.id));
    const head = await headOf(read, conversationId);
    if (!head) throw noConversation();
    const limit = Math.min(query.limit, this.options.limits.pageItems);
    const { rows, next } = await readPage(head, { ...query, limit }, true, (range) =>
      pageOf(read, conversationId, range),
    );
    return { items: await this.#shown(rows, members), next, cursor: rangeOf(head).cursor };
  }

  async #shown(rows: readonly StoredMessage[], members: readonly Member[]): Promise<ConversationMessage[]> {
    const people = await this.users.findAll(rows.map(({ senderId }) => senderId));
    return rows.map((row) => messageOf(row, people.get(row.senderId)?.name ?? '', members));
  }

  /** @throws {Refusal} not_found: the reader is none of them */
  async #membersFor(reader: Pick<SignedIn, 'id'>, conversationId: number): Promise<readonly Member[]> {
    const read = this.store.readFor(ownerOf(reader.id));
    const members = (await membersOf(read, [conversationId]))(conversationId);
    if (!members.some(({ id }) => id === reader.id)) throw noConversation();
    return members;
  }
}

function shownNow(added: AddedMessage): ConversationMessage {
  const sender = added.members.find(({ id }) => id === added.senderId);
  return messageOf(added, sender?.name ?? '', added.members);
}

/** A unit that has ended was told of its rows. */
function committed<T>(answer: T | undefined): T {
  if (answer === undefined) throw new Error('A message was committed without a word of it');
  return answer;
}
