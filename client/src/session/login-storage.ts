import type { Login } from '../api/types.js';

/** A login, and when it came. */
export interface KeptLogin {
  readonly login: Login;
  /** When it came, by this computer's clock: good for nothing but its age, and not for that when the clock was set. */
  readonly keptAt: number;
}

/** Where a login outlives a reload of the page. */
export interface LoginStorage {
  load(): KeptLogin | undefined;
  save(kept: KeptLogin): void;
  clear(): void;
  /** The address that signed in last in this browser, to fill in the form. Never a token. */
  remember(email: string): void;
  remembered(): string | undefined;
}

/** The token lives and dies with the tab; only the address outlives it. */
export function browserLoginStorage(
  tab: Storage,
  browser: Storage,
  keyOf: (name: string) => string,
): LoginStorage {
  const [loginKey, emailKey] = [keyOf('carillon.login'), keyOf('carillon.email')];
  return {
    load() {
      const kept = tab.getItem(loginKey);
      if (kept === null) return undefined;
      try {
        return JSON.parse(kept) as KeptLogin;
      } catch {
        // Cut off or by another hand: as if nobody had signed in.
        return undefined;
      }
    },
    save: (kept) => tab.setItem(loginKey, JSON.stringify(kept)),
    clear: () => tab.removeItem(loginKey),
    remember: (email) => browser.setItem(emailKey, email),
    remembered: () => browser.getItem(emailKey) ?? undefined,
  };
}
