import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { SignedIn } from '../auth/signed-in.js';
import { SessionEvents } from '../../library/nest/events.js';
import { Store } from '../../library/store/store.js';
import { ConversationEvents } from './conversation-events.js';
import { membersOf, noConversation, type Member } from './members.js';
import { CONVERSATIONS_OPTIONS, type ConversationsOptions } from './options.js';

/** Somebody who types. */
interface Typist {
  readonly userId: number;
  readonly conversationId: number;
  readonly sessions: Set<string>;
  toldAt: number;
  ends: NodeJS.Timeout;
}

/**
 * Who types where, on the node where they do. It ends by itself: when they stop, when they have said it, when their last
 * connection there is over, or after a time; on a node that died the others let it run out.
 */
@Injectable()
export class Typing implements OnApplicationShutdown {
  readonly #typists = new Map<string, Typist>();
  readonly #limits: ConversationsOptions['limits'];

  constructor(
    private readonly store: Store,
    private readonly events: ConversationEvents,
    sessions: SessionEvents,
    @Inject(CONVERSATIONS_OPTIONS) { limits }: ConversationsOptions,
  ) {
    this.#limits = limits;
    sessions.on('disconnected', ({ id }) => void this.#left(id));
  }

  /** @throws {Refusal} not_found */
  async start({ id: userId }: SignedIn, conversationId: number, session: string): Promise<void> {
    const key = keyOf(userId, conversationId);
    const known = this.#typists.get(key);
    const { typingMs, typingEveryMs } = this.#limits;
    if (known && Date.now() - known.toldAt < typingEveryMs) {
      known.sessions.add(session);
      this.#endLater(known);
      return;
    }
    const members = await this.#membersFor(userId, conversationId);
    const me = members.find((member) => member.id === userId);
    const typist = this.#typists.get(key) ?? this.#begin(userId, conversationId);
    typist.sessions.add(session);
    typist.toldAt = Date.now();
    this.#endLater(typist);
    this.events.tell(emailsBeside(userId, members), 'user-typing', {
      conversationId,
      userId,
      userName: me?.name,
      expiresInMs: typingMs,
    });
  }

  /** @throws {Refusal} not_found */
  async stop({ id: userId }: Pick<SignedIn, 'id'>, conversationId: number): Promise<void> {
    const members = await this.#membersFor(userId, conversationId);
    this.said(userId, conversationId, members);
  }

  /** What was typed has come. */
  said(userId: number, conversationId: number, members: readonly Member[]): void {
    if (this.#forget(keyOf(userId, conversationId))) this.#tellStopped(userId, conversationId, members);
  }

  onApplicationShutdown(): void {
    for (const key of this.#typists.keys()) this.#forget(key);
  }

  #tellStopped(userId: number, conversationId: number, members: readonly Member[]): void {
    this.events.tell(emailsBeside(userId, members), 'user-stop-typing', { conversationId, userId });
  }

  #begin(userId: number, conversationId: number): Typist {
    const ends = setTimeout(() => undefined, 0);
    const typist = { userId, conversationId, sessions: new Set<string>(), toldAt: 0, ends };
    this.#typists.set(keyOf(userId, conversationId), typist);
    return typist;
  }

  #endLater(typist: Typist): void {
    clearTimeout(typist.ends);
    typist.ends = setTimeout(() => void this.#end(typist), this.#limits.typingMs).unref();
  }

  async #left(session: string): Promise<void> {
    for (const typist of this.#typists.values())
      if (typist.sessions.delete(session) && typist.sessions.size === 0) await this.#end(typist);
  }

  async #end({ userId, conversationId }: Typist): Promise<void> {
    try {
      await this.stop({ id: userId }, conversationId);
    } catch {
      // Those who were told let it run out: of a conversation that is gone, or while the database is away.
      this.#forget(keyOf(userId, conversationId));
    }
  }

  #forget(key: string): boolean {
    const typist = this.#typists.get(key);
    if (typist) clearTimeout(typist.ends);
    return this.#typists.delete(key);
  }

  async #membersFor(userId: number, conversationId: number): Promise<readonly Member[]> {
    const members = (await membersOf(this.store.read, [conversationId]))(conversationId);
    if (!members.some(({ id }) => id === userId)) throw noConversation();
    return members;
  }
}

function keyOf(userId: number, conversationId: number): string {
  return `${conversationId}/${userId}`;
}

function emailsBeside(userId: number, members: readonly Member[]): string[] {
  return members.flatMap(({ id, email }) => (id === userId ? [] : [email]));
}
