import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { SignedIn } from '../auth/signed-in.js';
import { Refusal } from '../errors.js';
import type { RequestKey } from '../http/idempotency-key.js';
import { formatPlace, parsePlace } from '../http/place.js';
import { invalid } from '../http/zod.pipe.js';
import { KeptAnswers, type Kept } from '../../library/store/kept-answers.js';
import { newEpoch } from '../../library/store/numbered-log.js';
import { ownerOf } from '../../library/store/owner.js';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import { Store } from '../../library/store/store.js';
import type { Transaction } from '../../library/store/transaction.js';
import { UsersService } from '../users/users.service.js';
import { assertMayWriteTo } from './acquaintance.js';
import { ConversationEvents } from './conversation-events.js';
import { conversationOf, revivedConversation, type Conversation } from './conversation.js';
import { conversationFor, conversationsFor, type ConversationRow } from './conversation-rows.js';
import { lockConversations, membersOf, noConversation } from './members.js';
import { renewAllEpochs } from './message-table.js';
import { Presence } from './presence.js';
import { CONVERSATIONS_OPTIONS, type ConversationsOptions } from './options.js';
import type { Beginning, ConversationQuery } from './schemas.js';

/** One that was begun, or, of two people, the one that they have. */
export interface Begun {
  readonly conversation: Conversation;
  readonly isNew: boolean;
}

/** Begins and ends conversations, and says who is in them. */
@Injectable()
export class ConversationsService {
  constructor(
    private readonly store: Store,
    private readonly answers: KeptAnswers,
    private readonly users: UsersService,
    private readonly events: ConversationEvents,
    private readonly presence: Presence,
    @Inject(CONVERSATIONS_OPTIONS) private readonly options: ConversationsOptions,
  ) {}

  /** @throws {Refusal} invalid_request, not_found, conversation_limit, idempotency_conflict */
  async begin(actor: SignedIn, beginning: Beginning, key?: RequestKey): Promise<Kept<Begun>> {
    const begun = await this.answers.once(
      key ? { owner: actor.id, ...key } : { owner: actor.id },
      (tx) => this.#begin(tx, actor, beginning),
      (json) => {
        const { conversation, isNew } = json as Begun;
        return { conversation: revivedConversation(conversation), isNew };
      },
    );
    if (begun.answer.isNew && !begun.isReplayed) this.events.changed(begun.answer.conversation.id);
    return begun;
  }

  async #begin({ manager }: Transaction, actor: SignedIn, { memberIds, title }: Beginning): Promise<Begun> {
    const others = [...new Set(memberIds)].filter((id) => id !== actor.id);
    if (others.length === 0) throw invalid([{ path: 'memberIds', message: 'must name somebody else' }]);
    this.#assertFits(others.length + 1, 'memberIds');
    await assertMayWriteTo(actor, others, this.users, manager);
    const key = others.length === 1 ? directKeyOf([actor.id, ...others]) : null;
    const known = key === null ? undefined : await conversationOfTwo(manager, key);
    if (known !== undefined) return { conversation: await this.#shown(manager, actor, known), isNew: false };

    await this.#assertMayBegin(manager, actor);
    const now = Date.now();
    const [added] = await rowsOf<{ conversation_id: number }>(
      manager,
      `insert into conversation (epoch, title, direct_key, created_by, created_at, updated_at)
       values ($1, $2, $3, $4, $5, $6) on conflict (direct_key) do nothing returning conversation_id`,
      [newEpoch(), title, key, actor.id, now, now],
    );
    // The other one has begun it at the same moment: it is committed by now, and both have the same one.
    const id = added?.conversation_id ?? (key !== null && (await conversationOfTwo(manager, key)));
    if (id === undefined || id === false) throw new Error('A conversation was neither begun nor there');
    if (added) await addMembers(manager, id, [actor.id, ...others]);
    return { conversation: await this.#shown(manager, actor, id), isNew: added !== undefined };
  }

  /** The newest first. @throws {Refusal} invalid_request */
  async list(
    actor: SignedIn,
    { after, limit }: ConversationQuery,
  ): Promise<{ items: Conversation[]; next: string | null }> {
    const most = Math.min(limit, this.options.limits.pageItems);
    const read = this.store.readFor(ownerOf(actor.id));
    // One more than asked for shows whether there is a next page.
    const found = await conversationsFor(read, actor.id, parsePlace(after), most + 1);
    const page = found.slice(0, most);
    const last = page.at(-1);
    return {
      items: await this.#all(read, page),
      next: found.length > most && last ? formatPlace({ at: last.updatedAt, id: last.id }) : null,
    };
  }

  /** @throws {Refusal} not_found, also for others' */
  find(actor: SignedIn, id: number): Promise<Conversation> {
    return this.#shown(this.store.readFor(ownerOf(actor.id)), actor, id);
  }

  /**
   * For all its members. `ConversationPruning` forgets it, and what was said, later.
   * @throws {Refusal} not_found, forbidden: neither its creator nor an operator
   */
  async delete(actor: SignedIn, id: number): Promise<void> {
    const told = await this.store.write(async ({ manager }) => {
      await lockConversations(manager, [id]);
      const members = (await membersOf(manager, [id]))(id);
      const isMember = members.some((member) => member.id === actor.id);
      if (members.length === 0 || (!isMember && actor.role !== 'operator')) throw noConversation();
      const [deleted] = await rowsOf(
        manager,
        `update conversation set deleted_at = $1, direct_key = null
         where conversation_id = $2 and (created_by = $3 or $4 = 'operator') returning 1`,
        [Date.now(), id, actor.id, actor.role],
      );
      if (!deleted) throw new Refusal('forbidden', 'Who began a conversation deletes it, or an operator.');
      return members;
    }, ownerOf(actor.id));
    this.events.deleted(id, told);
  }

  /**
   * They see all that was said. Of those who are in it already nothing changes.
   * @throws {Refusal} not_found, also for who may not be written to; forbidden: it is between two; invalid_request: too many
   */
  async addMembers(actor: SignedIn, id: number, userIds: readonly number[]): Promise<Conversation> {
    const conversation = await this.store.write(async ({ manager }) => {
      await this.#assertOfMany(manager, actor, id);
      const members = (await membersOf(manager, [id]))(id);
      const isIn = new Set(members.map((member) => member.id));
      const others = [...new Set(userIds)].filter((userId) => !isIn.has(userId));
      this.#assertFits(members.length + others.length, 'userIds');
      await assertMayWriteTo(actor, others, this.users, manager);
      if (others.length > 0) {
        await addMembers(manager, id, others);
        await touch(manager, id);
      }
      return this.#shown(manager, actor, id);
    }, ownerOf(actor.id));
    this.events.changed(id);
    return conversation;
  }

  /**
   * Nothing that is said after this is theirs, and they see it no more.
   * @throws {Refusal} not_found, also for who isn't in it; forbidden: another, and one hasn't begun it; or it is between two
   */
  async removeMember(actor: SignedIn, id: number, userId: number): Promise<void> {
    const gone = await this.store.write(async ({ manager }) => {
      const { createdBy } = await this.#assertOfMany(manager, actor, id);
      if (userId !== actor.id && createdBy !== actor.id && actor.role !== 'operator')
        throw new Refusal('forbidden', 'Who began a conversation sends others away; anybody may leave.');
      const members = (await membersOf(manager, [id]))(id);
      const [left] = await rowsOf(
        manager,
        `update conversation_member set left_seq = (
           select last_seq from conversation c where c.conversation_id = conversation_member.conversation_id
         ) where conversation_id = $1 and user_id = $2 and left_seq is null returning 1`,
        [id, userId],
      );
      if (!left) throw new Refusal('not_found', 'There is no such member.');
      await touch(manager, id);
      return members.filter((member) => member.id === userId);
    }, ownerOf(actor.id));
    this.events.deleted(id, gone);
    this.events.changed(id);
  }

  /** Makes every position that was ever given of a conversation unknown: part of restoring a backup. */
  renewEpochs(): Promise<void> {
    return this.store.write(({ manager }) => renewAllEpochs(manager));
  }

  /** Holds it until the end of the transaction. */
  async #assertOfMany(
    manager: EntityManager,
    actor: SignedIn,
    id: number,
  ): Promise<{ readonly createdBy: number }> {
    await lockConversations(manager, [id]);
    const seen = await conversationFor(manager, actor.id, id);
    if (!seen) throw noConversation();
    const [direct] = await rowsOf(
      manager,
      'select 1 from conversation where conversation_id = $1 and direct_key is not null',
      [id],
    );
    if (direct)
      throw new Refusal(
        'forbidden',
        'A conversation of two stays theirs; begin another one with more people.',
      );
    return seen;
  }

  #assertFits(members: number, path: string): void {
    const { conversationMembers } = this.options.limits;
    if (members > conversationMembers)
      throw invalid([{ path, message: `a conversation has ${conversationMembers} members at most` }]);
  }

  /** On PostgreSQL others of the same person wait, or none would count the others. @throws {Refusal} conversation_limit */
  async #assertMayBegin(manager: EntityManager, { id }: SignedIn): Promise<void> {
    const { conversationsPerUser } = this.options.limits;
    if (manager.connection.options.type === 'postgres')
      await rowsOf(manager, 'select pg_advisory_xact_lock(hashtextextended($1, 0))', [
        `conversations of ${id}`,
      ]);
    const sql = 'select count(*) as count from conversation where created_by = $1';
    const [begun] = await rowsOf<{ count: number }>(manager, sql, [id]);
    if (begun && begun.count >= conversationsPerUser)
      throw new Refusal(
        'conversation_limit',
        `You have begun ${conversationsPerUser} conversations; go on in one of them.`,
      );
  }

  async #shown(manager: EntityManager, actor: SignedIn, id: number): Promise<Conversation> {
    const row = await conversationFor(manager, actor.id, id);
    const [conversation] = row ? await this.#all(manager, [row]) : [];
    if (!conversation) throw noConversation();
    return conversation;
  }

  async #all(manager: EntityManager, rows: readonly ConversationRow[]): Promise<Conversation[]> {
    const members = await membersOf(
      manager,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => conversationOf(row, members(row.id), (member) => this.presence.of(member)));
  }
}

/** The same for both of them. */
function directKeyOf(ids: readonly number[]): string {
  return ids.toSorted((a, b) => a - b).join('/');
}

async function conversationOfTwo(manager: EntityManager, key: string): Promise<number | undefined> {
  const sql = 'select conversation_id from conversation where direct_key = $1';
  const [known] = await rowsOf<{ conversation_id: number }>(manager, sql, [key]);
  return known?.conversation_id;
}

/** Nothing that is there is unread to them. */
async function addMembers(manager: EntityManager, id: number, userIds: readonly number[]): Promise<void> {
  await rowsOf(
    manager,
    `insert into conversation_member (conversation_id, user_id, read_seq, delivered_seq)
     select c.conversation_id, cast(value->>0 as bigint), c.last_seq, c.last_seq
     from ${listsIn(manager, '$1')}, conversation c where c.conversation_id = $2
     on conflict (conversation_id, user_id) do update
     set left_seq = null, read_seq = excluded.read_seq, delivered_seq = excluded.delivered_seq`,
    [JSON.stringify(userIds.map((userId) => [userId])), id],
  );
}

async function touch(manager: EntityManager, id: number): Promise<void> {
  await rowsOf(manager, 'update conversation set updated_at = $1 where conversation_id = $2', [
    Date.now(),
    id,
  ]);
}
