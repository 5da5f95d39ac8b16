import type { Http } from '../api/http.js';
import {
  changePreferences,
  getChannels,
  getPreferences,
  type PreferencesChange,
} from '../api/preferences.js';
import { explain } from '../api/problem.js';
import type { Channels, Preferences } from '../api/types.js';
import { createStore, type Readable } from '../state/store.js';

/** The user's preferences; undefined until they are known. */
export interface WishesState {
  readonly preferences: Preferences | undefined;
  readonly channels: Channels | undefined;
  readonly error: string | null;
}

/** The user's preferences, as the server has them. A change is shown at once, and taken back where it is refused. */
export class Wishes {
  readonly #state = createStore<WishesState>({ preferences: undefined, channels: undefined, error: null });
  /** Changes go one after the other, so that the last answer has all of them. */
  #last: Promise<unknown> = Promise.resolve();
  /** How many changes there were: what was asked for before the newest one doesn't know of it. */
  #changes = 0;

  constructor(private readonly http: Http) {}

  get state(): Readable<WishesState> {
    return this.#state;
  }

  async load(): Promise<void> {
    const known = this.#changes;
    try {
      const [loaded, channels] = await Promise.all([getPreferences(this.http), getChannels(this.http)]);
      this.#state.update(({ preferences = loaded }) => ({
        preferences: known === this.#changes ? loaded : preferences,
        channels,
        error: null,
      }));
    } catch (error) {
      this.#state.update((state) => ({ ...state, error: explain(error) }));
    }
  }

  /** @returns what the server said against it; undefined where it took it */
  async change(change: PreferencesChange): Promise<string | undefined> {
    const own = ++this.#changes;
    const before = this.#state.get().preferences;
    if (before) this.#show(withChange(before, change));
    const answer = this.#last.then(() => changePreferences(this.http, change));
    this.#last = answer.catch(() => undefined);
    try {
      const after = await answer;
      if (own === this.#changes) this.#show(after);
      return undefined;
    } catch (error) {
      await this.#last;
      await this.load();
      return explain(error);
    }
  }

  #show(preferences: Preferences): void {
    this.#state.update((state) => ({ ...state, preferences, error: null }));
  }
}

/** What the server will make of it. */
function withChange(preferences: Preferences, { kinds = {}, ...others }: PreferencesChange): Preferences {
  const merged = Object.entries(preferences.kinds).map(([kind, switches]) => [
    kind,
    { ...switches, ...kinds[kind] },
  ]);
  return { ...preferences, ...others, kinds: Object.fromEntries(merged) as Preferences['kinds'] };
}
