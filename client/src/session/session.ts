import type { Login } from '../api/types.js';
import type { Credentials } from '../api/http.js';
import { createStore, type Readable } from '../state/store.js';
import type { KeptLogin, LoginStorage } from './login-storage.js';

/** Why nobody is signed in; null when nobody was. */
export type Ending = 'signed-out' | 'expired' | 'revoked' | null;

/** Whether somebody is signed in; if not, why. */
export type SessionState =
  ({ readonly signedIn: true } & KeptLogin) | { readonly signedIn: false; readonly ending: Ending };

/**
 * The user of this tab. Each tab has its own, so a patient and a doctor may share one browser. It ends when the server says
 * so, never by a look at this computer's clock.
 */
export class Session implements Credentials {
  readonly #storage: LoginStorage;
  readonly #now: () => number;
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

  begin(login: Login): void {
    this.#storage.remember(login.user.email);
    this.renew(login);
  }

  renew(login: Login): void {
    const kept = { login, keptAt: this.#now() };
    this.#storage.save(kept);
    this.#state.set({ signedIn: true, ...kept });
  }

  end(ending: Ending): void {
    this.#storage.clear();
    this.#state.set({ signedIn: false, ending });
  }

  rejected(code: string): void {
    this.end(code === 'auth_revoked' ? 'revoked' : 'expired');
  }
}
