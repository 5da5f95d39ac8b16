import { findConversation, listConversations } from '../api/conversations.js';
import type { Http } from '../api/http.js';
import { explain } from '../api/problem.js';
import type { Conversation, ConversationMessage, Page } from '../api/types.js';
import { KeptValue } from '../offline/kept-value.js';
import type { OfflineStore } from '../offline/offline-store.js';
import { browserClock, type Clock } from '../realtime/clock.js';
import { createStore, type Readable } from '../state/store.js';
import { withConversation, withFirstPage, withNextPage, type ConversationList } from './conversation-list.js';

/** The list of conversations, as far as it is known. */
export interface ConversationsState {
  /** Undefined until the first page is there. */
  readonly list: ConversationList | undefined;
  /** Why the list isn't there, or isn't as new as it could be. */
  readonly error: string | null;
}

/** What the list is made of. */
export interface ConversationsParts {
  readonly http: Http;
  /** Hears what was said last in each conversation that the server has listed. */
  readonly onListed: (messages: readonly ConversationMessage[]) => void;
  /** Keeps the newest of them, for a page that is loaded without a network. */
  readonly storage: OfflineStore | undefined;
  readonly clock?: Clock;
}

type Change = (list: ConversationList) => ConversationList;

/** For a page without a network. */
const keptRows = 50;

/** The user's conversations: a list by REST, changed by what is heard. */
export class Conversations {
  readonly #parts: ConversationsParts;
  readonly #clock: Clock;
  readonly #state = createStore<ConversationsState>({ list: undefined, error: null });
  readonly #kept: KeptValue<Page<Conversation>> | undefined;
  /** What has changed since each of the answers was asked for that are on their way. */
  readonly #journals = new Set<Change[]>();
  #asOf: number | undefined;

  constructor(parts: ConversationsParts) {
    const { storage: store, clock = browserClock } = parts;
    this.#parts = parts;
    this.#clock = clock;
    this.#kept = store && new KeptValue({ store, key: 'conversations', version: 1, clock });
  }

  get state(): Readable<ConversationsState> {
    return this.#state;
  }

  /** Shows what a former page knew, until the server answers. @returns ends what is kept of this one */
  start(): () => void {
    void this.#restore();
    const leave = this.#state.subscribe(() => this.#keep());
    return () => {
      leave();
      this.#kept?.end();
    };
  }

  /** The first page. @returns whether the server answered */
  load(): Promise<boolean> {
    return this.#fetch(undefined);
  }

  async loadMore(): Promise<void> {
    const next = this.#state.get().list?.next;
    // Below what a former page knew there may be a hole.
    if (this.#asOf === undefined) await this.load();
    else if (next !== null && next !== undefined) await this.#fetch(next);
  }

  /** One that isn't on the pages that were loaded. */
  async learn(id: number): Promise<void> {
    try {
      const conversation = await findConversation(this.#parts.http, id);
      this.change((list) => withConversation(list, conversation));
    } catch {
      // Its thread says why.
    }
  }

  find(id: number): Conversation | undefined {
    return this.#state.get().list?.items.find((item) => item.id === id);
  }

  change(change: Change): void {
    for (const journal of this.#journals) journal.push(change);
    this.#state.update((state) => ({ ...state, list: state.list && change(state.list) }));
  }

  async #fetch(after: string | undefined): Promise<boolean> {
    const meanwhile: Change[] = [];
    this.#journals.add(meanwhile);
    try {
      const page = await listConversations(this.#parts.http, after);
      const { list } = this.#state.get();
      // What a former page knew is gone with the first answer, whatever that says.
      const known = this.#asOf === undefined ? undefined : list;
      const fresh = after === undefined || !known ? withFirstPage(known, page) : withNextPage(known, page);
      this.#asOf = this.#clock.monotonic();
      this.#state.set({ list: meanwhile.reduce((before, change) => change(before), fresh), error: null });
      this.#parts.onListed(page.items.flatMap(({ lastMessage }) => lastMessage ?? []));
      return true;
    } catch (error) {
      this.#state.update((state) => ({ ...state, error: explain(error) }));
      return false;
    } finally {
      this.#journals.delete(meanwhile);
    }
  }

  async #restore(): Promise<void> {
    const known = await this.#kept?.load();
    if (known && this.#asOf === undefined) this.#state.update((state) => ({ ...state, list: known.value }));
  }

  #keep(): void {
    this.#kept?.save(() => {
      const { list } = this.#state.get();
      if (!list || this.#asOf === undefined) return undefined;
      // The rest of them has to be asked for anew: `next` names what is below all.
      const items = list.items.slice(0, keptRows);
      return {
        value: { items, next: items.length < list.items.length ? null : list.next },
        asOf: this.#asOf,
      };
    });
  }
}
