import type { Login } from '../api/types.js';
import type { Credentials } from '../api/http.js';
import { createStore, type Readable } from '../state/store.js';
import type { LoginStorage } from './login-storage.js';

/** Why nobody is signed in; null when nobody was. */
export type Ending = 'signed-out' | 'expired' | 'revoked' | null;

export type SessionState =
  | { readonly signedIn: true; readonly login: Login; readonly renewAt: number }
  | { readonly signedIn: false; readonly ending: Ending };

/** Who uses this tab. Each tab has its own, so a patient and a doctor may share one browser. */
export class Session implements Credentials {
  readonly #storage: LoginStorage;
  readonly #state;

  constructor(storage: LoginStorage) {
    this.#storage = storage;
    const kept = storage.load();
    this.#state = createStore<SessionState>(
      kept && Date.parse(kept.login.expiresAt) > Date.now()
        ? { signedIn: true, ...kept }
        : { signedIn: false, ending: kept ? 'expired' : null },
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
    const kept = { login, renewAt: renewalTime(login, Date.now()) };
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

/** 80 % of the token's life: late enough to be rare, early enough for a second try. */
export function renewalTime(login: Pick<Login, 'expiresAt'>, now: number): number {
  return now + 0.8 * (Date.parse(login.expiresAt) - now);
}
