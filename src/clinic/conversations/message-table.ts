import type { EntityManager } from 'typeorm';
import { Refusal } from '../errors.js';
import type { Limits } from '../limits.js';
import { append } from '../../library/store/append.js';
import { NumberedLog, type LogPageQuery } from '../../library/store/numbered-log.js';
import { number, type ValueColumn } from '../../library/store/number.js';
import type { Head } from '../../library/store/position.js';
import { prune } from '../../library/store/prune.js';
import { listsIn, rowsOf } from '../../library/store/rows.js';
import type { Appendable, Appended } from '../../library/store/transaction.js';
import { lockConversations, membersOf, noConversation, type Member } from './members.js';
import type { StoredMessage } from './message.js';

/** What is handed to `tx.append(messages, …)`. */
export interface MessageDraft {
  readonly conversationId: number;
  readonly senderId: number;
  readonly text: string;
  /** Within one conversation a key is used once: a second draft with it adds nothing. */
  readonly dedupeKey?: string | undefined;
}

/** A message as its transaction added it, and for whom it is. */
export interface AddedMessage extends StoredMessage {
  /** Those who were in the conversation when it was said; the sender too. */
  readonly members: readonly Member[];
}

type MessageLimits = Pick<Limits, 'messagesPerHour' | 'conversationMessages' | 'pruneRows'>;

/**
 * The messages of conversations, each a log of its own without holes. Who is a member is decided where the conversation is
 * locked for its number: so nobody who has left says anything, or is told anything, after that was committed.
 */
export class MessageTable implements Appendable<MessageDraft, AddedMessage> {
  constructor(private readonly limits: MessageLimits) {}

  check({ conversationId, senderId, text, dedupeKey }: MessageDraft): void {
    if (!Number.isSafeInteger(conversationId) || !Number.isSafeInteger(senderId))
      throw new TypeError('Conversations and senders are integers');
    if (text.includes('\0') || dedupeKey?.includes('\0'))
      throw new TypeError('A message may not contain NUL');
  }

  streamOf({ conversationId }: MessageDraft): string {
    return streamOf(conversationId);
  }

  async append(
    manager: EntityManager,
    drafts: readonly MessageDraft[],
  ): Promise<readonly Appended<AddedMessage>[]> {
    const conversationIds = drafts.map(({ conversationId }) => conversationId);
    await lockConversations(manager, conversationIds);
    const members = await membersOf(manager, conversationIds);
    const refusalFor = await this.#refusals(manager, drafts, members);
    const allowed = drafts.filter((draft) => refusalFor(draft) === undefined);
    const answers = await append(manager, allowed, {
      tables: messages.tables,
      placeOf: ({ conversationId, dedupeKey }) => ({ log: conversationId, dedupeKey }),
      findKeyed: async (keys) => {
        const rows = await messages.findKeyed(manager, keys);
        return rows.map((row) => row && storedOf(row));
      },
      insert: (fresh) => insert(manager, fresh),
      noLog: noConversation,
    });
    await this.#dropSurplus(manager, answers);
    const byDraft = new Map(allowed.map((draft, i) => [draft, answers[i]]));
    return drafts.map((draft) => {
      const answer = byDraft.get(draft);
      if (!answer) return { outcome: 'refused', error: refusalFor(draft) ?? noConversation() };
      if (answer.outcome === 'refused') return answer;
      return { outcome: answer.outcome, row: { ...answer.row, members: members(draft.conversationId) } };
    });
  }

  async #refusals(
    manager: EntityManager,
    drafts: readonly MessageDraft[],
    members: (conversationId: number) => readonly Member[],
  ): Promise<(draft: MessageDraft) => Refusal | undefined> {
    const retryAfterMs = await this.#waits(manager, [...new Set(drafts.map(({ senderId }) => senderId))]);
    return ({ conversationId, senderId }) => {
      if (!members(conversationId).some(({ id }) => id === senderId)) return noConversation();
      const wait = retryAfterMs.get(senderId);
      if (wait === undefined) return undefined;
      return new Refusal(
        'rate_limited',
        `You said ${this.limits.messagesPerHour} things within an hour; wait a little.`,
        { retryAfterMs: wait },
      );
    };
  }

  /** How long those have to wait who said too much within the hour, by their ids. */
  async #waits(manager: EntityManager, senderIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const now = Date.now();
    const rows = await rowsOf<{ sender: number; oldest: number | null }>(
      manager,
      `select cast(value->>0 as bigint) as sender,
         (select created_at from conversation_message
          where sender_id = cast(value->>0 as bigint) and created_at > $1
          order by created_at desc limit 1 offset ${this.limits.messagesPerHour - 1}) as oldest
       from ${listsIn(manager, '$2')}`,
      [now - HOUR_MS, JSON.stringify(senderIds.map((id) => [id]))],
    );
    return new Map(
      rows.flatMap(({ sender, oldest }) =>
        oldest === null ? [] : [[sender, Math.min(oldest + HOUR_MS - now, HOUR_MS)]],
      ),
    );
  }

  /** What is too much goes with what came, so that there is never more. */
  async #dropSurplus(manager: EntityManager, answers: readonly Appended<StoredMessage>[]): Promise<void> {
    const newest = new Map(
      answers.flatMap((answer) =>
        answer.outcome === 'added' ? [[answer.row.conversationId, answer.row.seq]] : [],
      ),
    );
    for (const [conversationId, seq] of newest) {
      const oldest = seq - this.limits.conversationMessages;
      if (oldest <= 0) continue;
      const surplus =
        'select id from conversation_message where conversation_id = $1 and seq <= $2 order by seq limit $3';
      const limit = answers.length + this.limits.pruneRows;
      await prune(manager, messages.tables, surplus, [conversationId, oldest, limit]);
    }
  }
}

const HOUR_MS = 60 * 60_000;

/** All that happens in a conversation is told in one order. */
export function streamOf(conversationId: number): string {
  return `conversation/${conversationId}`;
}

/** Undefined where there is no such conversation, deleted ones included. */
export function headOf(manager: EntityManager, conversationId: number): Promise<Head | undefined> {
  return messages.head(manager, conversationId);
}

/** The heads of several conversations' logs. */
export function headsOf(
  manager: EntityManager,
  conversationIds: readonly number[],
): Promise<ReadonlyMap<number, Head>> {
  return messages.heads(manager, conversationIds);
}

/** Oldest first with `after`, else newest first (below `before`); neither bound is included. */
export async function pageOf(
  manager: EntityManager,
  conversationId: number,
  range: Pick<LogPageQuery, 'after' | 'before' | 'limit'>,
): Promise<StoredMessage[]> {
  const rows = await messages.page(manager, { log: conversationId, ...range });
  return rows.map(storedOf);
}

/** Undefined where nobody has said that. */
export async function findKeyed(
  manager: EntityManager,
  conversationId: number,
  dedupeKey: string,
): Promise<StoredMessage | undefined> {
  const [row] = await messages.findKeyed(manager, [{ log: conversationId, dedupeKey }]);
  return row && storedOf(row);
}

/** Makes every position that was ever given of a conversation unknown. */
export function renewEpoch(manager: EntityManager, conversationId: number): Promise<void> {
  return messages.renew(manager, conversationId);
}

/** The same of all: part of restoring a backup. */
export function renewAllEpochs(manager: EntityManager): Promise<void> {
  return messages.renewAll(manager);
}

interface MessageRow {
  readonly id: number;
  readonly conversation_id: number;
  readonly epoch: string;
  readonly seq: number;
  readonly sender_id: number;
  readonly text: string;
  readonly dedupe_key: string | null;
  readonly created_at: number;
}

const messages = new NumberedLog<MessageRow>(
  { heads: 'conversation', rows: 'conversation_message', log: 'conversation_id' },
  ['id', 'conversation_id', 'epoch', 'seq', 'sender_id', 'text', 'dedupe_key', 'created_at'],
);

const VALUE_COLUMNS: readonly ValueColumn[] = [{ name: 'sender_id', type: 'bigint' }, 'text'];

async function insert(
  manager: EntityManager,
  drafts: readonly MessageDraft[],
): Promise<(StoredMessage | undefined)[]> {
  const rows = drafts.map(({ conversationId, senderId, text, dedupeKey }) => ({
    log: conversationId,
    dedupeKey,
    values: [senderId, text],
  }));
  const places = await number(manager, messages.tables, VALUE_COLUMNS, rows);
  return drafts.map(({ conversationId, senderId, text, dedupeKey = null }, i) => {
    const place = places[i];
    return place && { ...place, conversationId, senderId, text, dedupeKey };
  });
}

function storedOf(row: MessageRow): StoredMessage {
  return {
    id: row.id,
    conversationId: row.conversation_id,
    epoch: row.epoch,
    seq: row.seq,
    senderId: row.sender_id,
    text: row.text,
    dedupeKey: row.dedupe_key,
    createdAt: new Date(row.created_at),
  };
}
