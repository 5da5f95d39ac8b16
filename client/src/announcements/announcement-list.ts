import { listAnnouncements } from '../api/announcements.js';
import type { Http } from '../api/http.js';
import { explain } from '../api/problem.js';
import type { Announcement, AnnouncementPage } from '../api/types.js';
import { createStore, type Readable } from '../state/store.js';

/** What the list of announcements shows. */
export interface AnnouncementListState {
  /** Newest first; undefined until the first page is there. */
  readonly items: readonly Announcement[] | undefined;
  /** The position of the next page; null at the end. */
  readonly next: string | null;
  readonly isLoading: boolean;
  readonly error: string | null;
}

/** What was announced to everybody, page by page, as the server keeps it. */
export class AnnouncementList {
  readonly #state = createStore<AnnouncementListState>({
    items: undefined,
    next: null,
    isLoading: false,
    error: null,
  });

  constructor(private readonly http: Http) {}

  get state(): Readable<AnnouncementListState> {
    return this.#state;
  }

  /** The newest page; older ones that were loaded stay where they follow it without a gap. */
  async load(): Promise<void> {
    await this.#fetch(undefined);
  }

  async loadMore(): Promise<void> {
    const { next } = this.#state.get();
    if (next !== null) await this.#fetch(next);
  }

  /** One came just now: a list that somebody has looked at is brought up to date. */
  arrived(): void {
    if (this.#state.get().items) void this.load();
  }

  async #fetch(before: string | undefined): Promise<void> {
    this.#state.update((state) => ({ ...state, isLoading: true, error: null }));
    try {
      const page = await listAnnouncements(this.http, before);
      this.#state.update((state) => ({ ...state, isLoading: false, ...withPage(state, page, before) }));
    } catch (error) {
      this.#state.update((state) => ({ ...state, isLoading: false, error: explain(error) }));
    }
  }
}

type Shown = Pick<AnnouncementListState, 'items' | 'next'>;

/** @param before the page's position; undefined for the newest one */
export function withPage(
  { items = [], next }: Shown,
  page: Pick<AnnouncementPage, 'items' | 'next'>,
  before: string | undefined,
): Shown {
  if (before !== undefined) return { items: merged(items, page.items), next: page.next };
  // What was loaded before is of use only where no announcement is between it and the page.
  const isJoined = page.items.some(({ seq }) => seq === items[0]?.seq);
  return isJoined ? { items: merged(page.items, items), next } : { items: page.items, next: page.next };
}

function merged(newer: readonly Announcement[], older: readonly Announcement[]): readonly Announcement[] {
  const last = newer.at(-1)?.seq ?? Infinity;
  return [...newer, ...older.filter(({ seq }) => seq < last)];
}
