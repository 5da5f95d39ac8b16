import {
  beginConversation,
  gotMessages,
  listMessages,
  listMessagesAfter,
  readMessages,
  sayMessage,
} from '../api/conversations.js';
import type { Http } from '../api/http.js';
import { idempotencyKey } from '../api/idempotency-key.js';
import { explain, hasCode, Problem } from '../api/problem.js';
import type { Conversation, ConversationEvents, ConversationMessage } from '../api/types.js';
import type { Message } from '../realtime/link.js';
import type { OfflineStore } from '../offline/offline-store.js';
import type { Realtime } from '../realtime/realtime.js';
import { steadyNow } from '../state/steady-now.js';
import { createStore, type Readable } from '../state/store.js';
import { withConversation, withoutConversation, withReadTo } from './conversation-list.js';
import { Conversations, type ConversationsState } from './conversations.js';
import { withoutSaid, withRefusal, type Outbox, type Waiting } from './outbox.js';
import { isJoined, withFollowing, withNewest, withOlder, withStatus, type Thread } from './thread.js';
import { stillTyping, withoutTypist, withTypist, type Typist } from './typists.js';
import { say } from '../words/words.js';

/** What the page knows of conversations. */
export interface MessagesState extends ConversationsState {
  readonly threads: ReadonlyMap<number, Thread>;
  /** Why a thread isn't there. */
  readonly failures: ReadonlyMap<number, string>;
  /** What was written here and isn't confirmed. */
  readonly waiting: readonly Waiting[];
  readonly typists: readonly Typist[];
  readonly opened: Opened | null;
}

/** The thread that is open on this page. */
export interface Opened {
  readonly id: number;
  /** Behind this number stands "New"; null: nothing was new. */
  readonly newAfter: number | null;
}

/** What is told beyond the page. */
export interface MessagesEvents {
  /** Somebody else has said something in the thread that is open and looked at. */
  onHeard(message: ConversationMessage): void;
}

const destination = '/user/queue/conversations';
const retryMs = 5_000;
const typingEveryMs = 3_000;

/** The user's conversations: rows by REST, news by STOMP; what is written waits until the server has it. */
export class Messages {
  readonly #state = createStore<MessagesState>({
    ...{ list: undefined, error: null, threads: new Map(), failures: new Map() },
    ...{ waiting: [], typists: [], opened: null },
  });
  readonly #list: Conversations;
  /** What was typed and not sent, by conversation. */
  readonly drafts = new Map<number, string>();
  readonly #toldGot = new Map<number, number>();
  readonly #toldRead = new Map<number, number>();
  #isLookedAt = false;
  #isSending = false;
  /** Somebody else may be signed in by now: nothing is sent in their name. */
  #hasEnded = false;
  #isAgain = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #typistTimer: ReturnType<typeof setTimeout> | undefined;
  #typed: { readonly id: number; readonly at: number } | undefined;

  constructor(
    private readonly http: Http,
    private readonly realtime: Pick<Realtime, 'subscribe' | 'canSend' | 'send'>,
    private readonly ownId: number,
    private readonly outbox: Outbox,
    private readonly events: MessagesEvents,
    storage?: OfflineStore,
  ) {
    this.#list = new Conversations({
      http,
      storage,
      onListed: (messages) => {
        for (const message of messages)
          if (message.status === 'sent' && message.senderId !== ownId) this.#got(message);
      },
    });
  }

  get state(): Readable<MessagesState> {
    return this.#state;
  }

  /** Subscribes; each time the server has the subscription, what is shown is asked for again. @returns ends it */
  start(): () => void {
    this.#wait(this.outbox.load());
    const ends = [
      this.#list.state.subscribe(() => {
        this.#patch(this.#list.state.get());
        this.#readOpened();
      }),
      this.#list.start(),
      this.realtime.subscribe({
        destination,
        onMessage: (message) => this.#hear(message),
        onReady: () => void this.catchUp(),
      }),
    ];
    void this.catchUp();
    return () => {
      this.#hasEnded = true;
      ends.forEach((end) => end());
      clearTimeout(this.#retryTimer);
      clearTimeout(this.#typistTimer);
    };
  }

  /** Asks for what may have been missed, and sends what waits. @returns whether the server answered */
  async catchUp(): Promise<boolean> {
    void this.#send();
    const { opened, threads } = this.#state.get();
    // What isn't open is asked for when it is opened.
    const kept = opened && threads.get(opened.id);
    this.#patch({ threads: new Map(opened && kept ? [[opened.id, kept]] : []) });
    const [isDone] = await Promise.all([this.load(), opened && this.#loadThread(opened.id)]);
    return isDone;
  }

  /** The first page of the list. @returns whether the server answered */
  load(): Promise<boolean> {
    return this.#list.load();
  }

  loadMore(): Promise<void> {
    return this.#list.loadMore();
  }

  /** Shows a thread. */
  async open(id: number): Promise<void> {
    this.#patch({ opened: { id, newAfter: this.#newAfter(id) } });
    await this.#loadThread(id);
    // Where the list came later than the page.
    if (!this.#list.find(id)) await this.#list.learn(id);
    const { opened } = this.#state.get();
    if (opened?.id === id && opened.newAfter === null)
      this.#patch({ opened: { id, newAfter: this.#newAfter(id) } });
  }

  close(id: number): void {
    this.stopTyping();
    if (this.#state.get().opened?.id === id) this.#patch({ opened: null });
    this.#isLookedAt = false;
  }

  /** Whether a person sees the end of the open thread: then what is said there is read. */
  look(isLookedAt: boolean): void {
    this.#isLookedAt = isLookedAt;
    this.#readOpened();
  }

  /** Whether a person looks at that thread's end. */
  isLookedAt(id: number): boolean {
    return this.#isLookedAt && this.#state.get().opened?.id === id;
  }

  async loadOlder(id: number): Promise<void> {
    const before = this.#state.get().threads.get(id)?.next;
    if (before === null || before === undefined) return;
    await this.#intoThread(id, async () => {
      const page = await listMessages(this.http, id, before);
      return (thread) => (thread?.next === before ? withOlder(thread, page) : thread);
    });
  }

  /** The conversation with somebody, begun where there is none. @throws {Problem, Unreachable} */
  async begin(userId: number): Promise<Conversation> {
    const conversation = await beginConversation(this.http, userId, idempotencyKey());
    this.#list.change((list) => withConversation(list, conversation));
    return conversation;
  }

  /** It is sent as soon as it can be, once. */
  say(conversationId: number, text: string): void {
    this.stopTyping();
    const { waiting, opened } = this.#state.get();
    if (opened?.id === conversationId) this.#patch({ opened: { ...opened, newAfter: null } });
    this.#wait([...waiting, { clientId: idempotencyKey(), conversationId, text, refusal: null }]);
    void this.#send();
  }

  /** What was refused is tried anew. */
  sayAgain(clientId: string): void {
    this.#wait(withRefusal(this.#state.get().waiting, clientId, null));
    void this.#send();
  }

  /** What was refused isn't sent. */
  unsay(clientId: string): void {
    this.#wait(this.#state.get().waiting.filter((one) => one.clientId !== clientId));
  }

  typing(id: number): void {
    if (!this.realtime.canSend) return;
    if (this.#typed?.id === id && steadyNow() - this.#typed.at < typingEveryMs) return;
    this.#typed = { id, at: steadyNow() };
    this.#tellTyping(id, 'start');
  }

  stopTyping(): void {
    if (this.#typed && this.realtime.canSend) this.#tellTyping(this.#typed.id, 'stop');
    this.#typed = undefined;
  }

  #tellTyping(id: number, word: 'start' | 'stop'): void {
    // Lost with its connection, nobody misses it.
    this.realtime.send(`/app/conversations/${id}/typing-${word}`, {}).catch(() => undefined);
  }

  #hear({ body, eventType }: Message): void {
    const handle = this.#handlers[eventType as keyof ConversationEvents] as
      ((body: unknown) => void) | undefined;
    handle?.(body);
  }

  readonly #handlers: {
    readonly [Name in keyof ConversationEvents]: (body: ConversationEvents[Name]) => void;
  } = {
    'new-message': ({ message }) => this.#arrived(message),
    'messages-read': ({ conversationId, readBy, upTo }) =>
      this.#reached(conversationId, readBy, upTo, 'read'),
    'messages-delivered': ({ conversationId, userId, upTo }) =>
      this.#reached(conversationId, userId, upTo, 'delivered'),
    'conversation-updated': ({ conversation }) =>
      this.#list.change((list) => withConversation(list, conversation)),
    'conversation-deleted': ({ conversationId }) => this.#forget(conversationId),
    'user-typing': ({ conversationId, userId, userName, expiresInMs }) => {
      const typist = { conversationId, userId, name: userName, until: steadyNow() + expiresInMs };
      this.#setTypists(withTypist(this.#state.get().typists, typist));
    },
    'user-stop-typing': (typist) => this.#setTypists(withoutTypist(this.#state.get().typists, typist)),
  };

  #arrived(message: ConversationMessage): void {
    const { conversationId, senderId } = message;
    const { threads, opened, typists } = this.#state.get();
    const thread = threads.get(conversationId);
    this.#setTypists(withoutTypist(typists, { conversationId, userId: senderId }));
    if (senderId !== this.ownId) {
      this.#got(message);
      const newAfter = this.#newAfter(conversationId) ?? this.#list.find(conversationId)?.readSeq ?? null;
      const isSeen = this.isLookedAt(conversationId);
      // A reader who comes back to it finds where they were; under their eyes nothing moves.
      if (opened?.id === conversationId && !isSeen && newAfter !== null)
        this.#patch({ opened: { ...opened, newAfter: Math.max(opened.newAfter ?? 0, newAfter) } });
      if (isSeen) this.events.onHeard(message);
    }
    if (thread && isJoined(thread, message)) {
      this.#setThread(conversationId, withFollowing(thread, [message]));
      this.#readOpened();
    } else {
      this.#wait(withoutSaid(this.#state.get().waiting, [message], this.ownId));
      if (thread) void this.#loadThread(conversationId);
    }
  }

  /** Somebody has had, or read, what was said. Of two people one is all the others; of more the server knows. */
  #reached(id: number, by: number, upTo: number, status: 'delivered' | 'read'): void {
    const thread = this.#state.get().threads.get(id);
    if (by === this.ownId || !thread) return;
    if (this.#list.find(id)?.members.length === 2)
      this.#setThread(id, withStatus(thread, this.ownId, upTo, status));
    else void this.#loadThread(id);
  }

  /** Of what came: their sender is told, once. */
  #got({ conversationId, seq }: ConversationMessage): void {
    if ((this.#toldGot.get(conversationId) ?? 0) >= seq) return;
    this.#toldGot.set(conversationId, seq);
    gotMessages(this.http, conversationId, seq).catch(() => {
      // Told with the next one, or when it is read.
      this.#toldGot.delete(conversationId);
    });
  }

  #readOpened(): void {
    const { opened, threads } = this.#state.get();
    const last = opened && threads.get(opened.id)?.messages.at(-1);
    const conversation = opened && this.#list.find(opened.id);
    if (!this.#isLookedAt || !opened || !last || !conversation) return;
    const known = Math.max(conversation.readSeq, this.#toldRead.get(opened.id) ?? 0);
    if (last.seq > known) void this.#read(opened.id, last.seq);
  }

  async #read(id: number, upTo: number): Promise<void> {
    this.#toldRead.set(id, upTo);
    this.#toldGot.set(id, upTo);
    try {
      const to = await readMessages(this.http, id, upTo);
      this.#list.change((list) => withReadTo(list, id, to));
    } catch {
      // Tried again when more comes, or when the page has caught up.
      this.#toldRead.delete(id);
    }
  }

  /** One at a time, in the order in which they were written. */
  async #send(): Promise<void> {
    clearTimeout(this.#retryTimer);
    this.#isAgain = this.#isSending;
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (let next = this.#nextWaiting(); next; next = this.#nextWaiting()) await this.#sendOne(next);
    } catch {
      // Without a server it waits on.
      if (!this.#hasEnded)
        this.#retryTimer = setTimeout(() => void this.#send(), this.#isAgain ? 0 : retryMs);
    } finally {
      this.#isSending = false;
    }
  }

  #nextWaiting(): Waiting | undefined {
    if (this.#hasEnded) return undefined;
    return this.#state.get().waiting.find(({ refusal }) => refusal === null);
  }

  /** @throws {Unreachable, Problem} when it is to be tried again */
  async #sendOne({ clientId, conversationId, text }: Waiting): Promise<void> {
    try {
      this.#said(await sayMessage(this.http, conversationId, { text, clientId }));
    } catch (error) {
      if (!isFinal(error)) throw error;
      this.#wait(withRefusal(this.#state.get().waiting, clientId, explain(error)));
    }
  }

  #said(message: ConversationMessage): void {
    const { waiting, threads } = this.#state.get();
    const thread = threads.get(message.conversationId);
    if (thread && isJoined(thread, message))
      this.#setThread(message.conversationId, withFollowing(thread, [message]));
    else if (thread) void this.#loadThread(message.conversationId);
    this.#wait(withoutSaid(waiting, [message], this.ownId));
  }

  /** The newest page; where it is behind, what follows what is known, so that nobody loses their place. */
  #loadThread(id: number): Promise<void> {
    return this.#intoThread(id, async () => {
      const page = await listMessages(this.http, id, undefined);
      const last = this.#state.get().threads.get(id)?.messages.at(-1);
      const [lowest] = page.items.slice(-1);
      const missed =
        last && lowest && lowest.seq > last.seq + 1 ? await this.#following(id, last.cursor) : [];
      return (thread) => withNewest(thread && withFollowing(thread, missed), page);
    });
  }

  async #following(id: number, cursor: string): Promise<readonly ConversationMessage[]> {
    const items: ConversationMessage[] = [];
    try {
      for (let after: string | null = cursor; after !== null;) {
        const page = await listMessagesAfter(this.http, id, after);
        items.push(...page.items);
        after = page.next;
      }
      return items;
    } catch (error) {
      // Nothing follows a place that is no more: the newest page takes the place of all.
      if (hasCode(error, 'cursor_reset')) return [];
      throw error;
    }
  }

  async #intoThread(
    id: number,
    ask: () => Promise<(thread: Thread | undefined) => Thread | undefined>,
  ): Promise<void> {
    try {
      const change = await ask();
      const thread = change(this.#state.get().threads.get(id));
      if (thread) this.#setThread(id, thread);
      this.#fail(id, undefined);
      this.#readOpened();
    } catch (error) {
      if (error instanceof Problem && error.status === 404) this.#forget(id);
      this.#fail(id, explain(error));
    }
  }

  #setThread(id: number, thread: Thread): void {
    const { threads, waiting } = this.#state.get();
    this.#patch({ threads: new Map(threads).set(id, thread) });
    this.#wait(withoutSaid(waiting, thread.messages, this.ownId));
  }

  #fail(id: number, failure: string | undefined): void {
    const failures = new Map(this.#state.get().failures);
    if (failure === undefined) failures.delete(id);
    else failures.set(id, failure);
    this.#patch({ failures });
  }

  #forget(id: number): void {
    const threads = new Map(this.#state.get().threads);
    threads.delete(id);
    this.#patch({ threads });
    this.#fail(id, say('messages.gone'));
    this.#list.change((list) => withoutConversation(list, id));
  }

  #setTypists(typists: readonly Typist[]): void {
    clearTimeout(this.#typistTimer);
    const left = stillTyping(typists, steadyNow());
    this.#patch({ typists: left });
    if (left.length === 0) return;
    const soonest = Math.min(...left.map(({ until }) => until));
    this.#typistTimer = setTimeout(
      () => this.#setTypists(this.#state.get().typists),
      Math.max(0, soonest - steadyNow()) + 10,
    );
  }

  #wait(waiting: readonly Waiting[]): void {
    if (waiting === this.#state.get().waiting) return;
    if (!this.#hasEnded) this.outbox.keep(waiting);
    this.#patch({ waiting });
  }

  #newAfter(id: number): number | null {
    const conversation = this.#list.find(id);
    return conversation && conversation.unread > 0 ? conversation.readSeq : null;
  }

  #patch(patch: Partial<MessagesState>): void {
    this.#state.update((state) => ({ ...state, ...patch }));
  }
}

/** The same request would be refused again. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof Problem &&
    error.status >= 400 &&
    error.status < 500 &&
    ![401, 408, 429].includes(error.status)
  );
}
