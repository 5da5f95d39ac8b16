import type { Login, User } from '../api/types.js';
import type { Credentials } from '../api/http.js';
import { createStore, type Readable } from '../state/store.js';
import type { KeptLogin, LoginStorage } from './login-storage.js';

/** Why nobody is signed in; null when nobody was. */
export type Ending = 'signed-out' | 'expired' | 'revoked' | null;

/** Whether somebody is signed in; if not, why. */
export type SessionState =
  ({ readonly signedIn: true } & KeptLogin) | { readonly signedIn: false; readonly ending: Ending };

/** A login as tabs hand it on: with its age, since what their clocks show may differ. */
export interface SharedLogin {
  readonly login: Login;
  readonly ageMs: number;
  readonly stays: boolean;
}

/** What a tab did by itself. */
export type Change =
  { readonly type: 'began' } | { readonly type: 'ended'; readonly userId: number; readonly ending: Ending };

/**
 * The user of this tab. Each tab has its own, so a patient and a doctor may share one browser; tabs of the same user share
 * one login. It ends when the server says so, never by a look at this computer's clock.
 */
export class Session implements Credentials {
  readonly #storage: LoginStorage;
  readonly #now: () => number;
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #state;

  constructor(storage: LoginStorage, now: () => number = Date.now) {
    this.#storage = storage;
    this.#now = now;
    const kept = storage.load();
    this.#state = createStore<SessionState>(
      kept ? { signedIn: true, ...kept } : { signedIn: false, ending: null },
    );
  }

  get state(): Readable<SessionState> {
    return this.#state;
  }

  token(): string | undefined {
    const state = this.#state.get();
    return state.signedIn ? state.login.token : undefined;
  }

  /** @param stays whether it outlives this browser's tabs */
  begin(login: Login, { stays = false }: { readonly stays?: boolean } = {}): void {
    this.#storage.remember(login.user.email);
    this.#keep({ login, ageMs: 0, stays });
    this.#tell({ type: 'began' });
  }

  renew(login: Login): void {
    // They may have another address since.
    this.#storage.remember(login.user.email);
    const state = this.#state.get();
    this.#keep({ login, ageMs: 0, stays: state.signedIn && state.stays === true });
    this.#tell({ type: 'began' });
  }

  /** The person has another name now. */
  renamed(user: User): void {
    const own = this.own();
    if (!own) return;
    this.#keep({ ...own, login: { ...own.login, user } });
    this.#tell({ type: 'began' });
  }

  /** Another tab of the same person has a login. @returns whether it is this tab's now, or was already */
  adopt(other: SharedLogin): boolean {
    const state = this.#state.get();
    if (!state.signedIn || state.login.user.id !== other.login.user.id) return false;
    const { token, user } = state.login;
    const { name, email } = other.login.user;
    const isNews = token !== other.login.token || user.name !== name || user.email !== email;
    if (isNews && other.ageMs <= this.#ageMs(state)) this.#keep(other);
    return true;
  }

  /** This tab, in which nobody was chosen, takes another one's login. */
  take(other: SharedLogin): void {
    this.#keep(other);
  }

  /** For other tabs of the same person. */
  own(): SharedLogin | undefined {
    const state = this.#state.get();
    return state.signedIn
      ? { login: state.login, ageMs: this.#ageMs(state), stays: state.stays === true }
      : undefined;
  }

  /** Whether this tab has its person already, or was left for somebody else. */
  get isChosen(): boolean {
    return this.#storage.isChosen;
  }

  /** Here, and in all tabs of the same person. */
  end(ending: Ending): void {
    const state = this.#state.get();
    this.#storage.clear();
    this.#state.set({ signedIn: false, ending });
    if (state.signedIn) this.#tell({ type: 'ended', userId: state.login.user.id, ending });
  }

  /** Another tab of this person was signed out. */
  endElsewhere(userId: number, ending: Ending): void {
    const state = this.#state.get();
    if (!state.signedIn || state.login.user.id !== userId) return;
    this.#storage.clear();
    this.#state.set({ signedIn: false, ending: ending === 'signed-out' ? 'revoked' : ending });
  }

  /** For somebody else in this tab; other tabs stay signed in. */
  leave(): void {
    this.#storage.leave();
    this.#state.set({ signedIn: false, ending: null });
  }

  /** Calls back when this tab got or ended a login by itself. @returns ends it */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #keep({ login, ageMs, stays }: SharedLogin): void {
    const kept = { login, keptAt: this.#now() - ageMs, ...(stays && { stays }) };
    this.#storage.save(kept);
    this.#state.set({ signedIn: true, ...kept });
  }

  #ageMs({ keptAt }: KeptLogin): number {
    return Math.max(0, this.#now() - keptAt);
  }

  #tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  rejected(code: string): void {
    this.end(code === 'auth_revoked' ? 'revoked' : 'expired');
  }
}
