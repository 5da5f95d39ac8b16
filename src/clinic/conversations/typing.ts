import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { SignedIn } from '../auth/signed-in.js';
import { SessionEvents } from '../../library/nest/events.js';
import { ownerOf } from '../../library/store/owner.js';
import { Store } from '../../library/store/store.js';
import { ConversationEvents } from './conversation-events.js';
import { membersOf, noConversation, type Member } from './members.js';
import { CONVERSATIONS_OPTIONS, type ConversationsOptions } from './options.js';

/** Somebody who types, or did a moment ago. */
interface Typist {
  readonly userId: number;
  readonly conversationId: number;
  readonly sessions: Set<string>;
  /** When others were told last that they type, by the monotonic clock. */
  toldAt: number;
  /** They were told, and not yet of its end. */
  isTold: boolean;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Who types where, on the node where they do. It ends by itself: when they stop, when they have said it, when their last
 * connection there is over, or after a time; on a node that died the others let it run out. However often one begins and
 * stops, others hear of it every `typingEveryMs` at most.
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
    const known = this.#typists.get(keyOf(userId, conversationId));
    const restMs = known ? this.#restMs(known) : 0;
    if (known && restMs > 0) {
      known.sessions.add(session);
      if (known.isTold) this.#endLater(known);
      else this.#after(known, restMs + 1, () => this.#tellLate(known));
      return;
    }
    const members = await this.#membersFor(userId, conversationId);
    const typist = this.#typists.get(keyOf(userId, conversationId)) ?? this.#begin(userId, conversationId);
    typist.sessions.add(session);
    // Another connection of theirs was first.
    if (this.#restMs(typist) <= 0) this.#tell(typist, members);
  }

  /** @throws {Refusal} not_found */
  async stop({ id: userId }: Pick<SignedIn, 'id'>, conversationId: number): Promise<void> {
    const members = await this.#membersFor(userId, conversationId);
    this.said(userId, conversationId, members);
  }

  /** What was typed has come. */
  said(userId: number, conversationId: number, members: readonly Member[]): void {
    const typist = this.#typists.get(keyOf(userId, conversationId));
    if (!typist) return;
    if (typist.isTold)
      this.events.tell(emailsBeside(userId, members), 'user-stop-typing', { conversationId, userId });
    typist.isTold = false;
    this.#after(typist, Math.max(0, this.#restMs(typist)), () => this.#forget(typist));
  }

  onApplicationShutdown(): void {
    for (const typist of this.#typists.values()) this.#forget(typist);
  }

  #begin(userId: number, conversationId: number): Typist {
    const typist = {
      userId,
      conversationId,
      sessions: new Set<string>(),
      toldAt: -Infinity,
      isTold: false,
      timer: undefined,
    };
    this.#typists.set(keyOf(userId, conversationId), typist);
    return typist;
  }

  #tell(typist: Typist, members: readonly Member[]): void {
    const { conversationId, userId } = typist;
    typist.toldAt = performance.now();
    typist.isTold = true;
    this.#endLater(typist);
    this.events.tell(emailsBeside(userId, members), 'user-typing', {
      conversationId,
      userId,
      userName: members.find((member) => member.id === userId)?.name,
      expiresInMs: this.#limits.typingMs,
    });
  }

  /** One who had just stopped typed again. */
  async #tellLate(typist: Typist): Promise<void> {
    const { timer } = typist;
    try {
      const members = await this.#membersFor(typist.userId, typist.conversationId);
      // They have stopped meanwhile, or were told of by another connection.
      if (typist.timer === timer && this.#restMs(typist) <= 0) this.#tell(typist, members);
    } catch {
      // Nobody was told, and nobody needs to be: of a conversation that is gone, or while the database is away.
      this.#forget(typist);
    }
  }

  /** How long others aren't told again. */
  #restMs({ toldAt }: Typist): number {
    return Math.ceil(toldAt + this.#limits.typingEveryMs - performance.now());
  }

  #endLater(typist: Typist): void {
    this.#after(typist, this.#limits.typingMs, () => this.#end(typist));
  }

  #after(typist: Typist, ms: number, callback: () => Promise<void> | void): void {
    clearTimeout(typist.timer);
    typist.timer = setTimeout(() => void callback(), ms).unref();
  }

  async #left(session: string): Promise<void> {
    for (const typist of this.#typists.values())
      if (typist.sessions.delete(session) && typist.sessions.size === 0) await this.#end(typist);
  }

  async #end(typist: Typist): Promise<void> {
    try {
      await this.stop({ id: typist.userId }, typist.conversationId);
    } catch {
      // Those who were told let it run out: of a conversation that is gone, or while the database is away.
      this.#forget(typist);
    }
  }

  #forget(typist: Typist): void {
    clearTimeout(typist.timer);
    this.#typists.delete(keyOf(typist.userId, typist.conversationId));
  }

  async #membersFor(userId: number, conversationId: number): Promise<readonly Member[]> {
    const read = this.store.readFor(ownerOf(userId));
    const members = (await membersOf(read, [conversationId]))(conversationId);
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
