import type { Login } from '../api/types.js';

/** A login, and when it came. */
export interface KeptLogin {
  readonly login: Login;
  /** When it came, by this computer's clock: good for nothing but its age, and not for that when the clock was set. */
  readonly keptAt: number;
  /** It outlives the tabs: its person chose to stay signed in. */
  readonly stays?: boolean;
}

/** Where a login outlives a reload of the page. */
export interface LoginStorage {
  /** Of this tab; or else, where nobody was chosen in it, the only one that stays in this browser. */
  load(): KeptLogin | undefined;
  save(kept: KeptLogin): void;
  /** Of this tab, and of the browser where it stays there. */
  clear(): void;
  /** Of this tab alone: it waits for somebody else. */
  leave(): void;
  /** Whether somebody was chosen in this tab, or it was left: then it takes no login from another tab by itself. */
  readonly isChosen: boolean;
  /** The ids of those whose login outlives this browser's tabs. */
  staying(): readonly string[];
  /** The address that signed in last in this browser, to fill in the form. Never a token. */
  remember(email: string): void;
  remembered(): string | undefined;
}

/**
 * Each tab has its person, of whom the tab's own storage knows. The login itself lies there too, unless it stays: then it
 * lies with the browser, by person.
 */
export function browserLoginStorage(
  tab: Storage,
  browser: Storage,
  keyOf: (name: string) => string,
): LoginStorage {
  const [loginKey, emailKey] = [keyOf('carillon.login'), keyOf('carillon.email')];
  const chosenKey = keyOf('carillon.person');
  const stayingKey = (id: string) => `${loginKey}.${id}`;

  function staying(): string[] {
    const keys = Array.from({ length: browser.length }, (_, i) => browser.key(i) ?? '');
    return keys.filter((key) => key.startsWith(`${loginKey}.`));
  }

  return {
    load() {
      const chosen = tab.getItem(chosenKey);
      if (chosen !== null) return parse(tab.getItem(loginKey) ?? browser.getItem(stayingKey(chosen)));
      const [only, ...others] = staying();
      if (tab.getItem(loginKey) !== null || only === undefined || others.length > 0)
        return parse(tab.getItem(loginKey));
      const kept = parse(browser.getItem(only));
      if (kept) tab.setItem(chosenKey, String(kept.login.user.id));
      return kept;
    },
    save(kept) {
      const text = JSON.stringify(kept);
      const id = String(kept.login.user.id);
      tab.setItem(chosenKey, id);
      if (kept.stays === true) {
        browser.setItem(stayingKey(id), text);
        tab.removeItem(loginKey);
      } else {
        browser.removeItem(stayingKey(id));
        tab.setItem(loginKey, text);
      }
    },
    clear() {
      const chosen = tab.getItem(chosenKey);
      if (chosen !== null) browser.removeItem(stayingKey(chosen));
      this.leave();
    },
    leave() {
      tab.removeItem(loginKey);
      tab.setItem(chosenKey, '');
    },
    get isChosen() {
      return tab.getItem(chosenKey) !== null;
    },
    staying: () => staying().map((key) => key.slice(loginKey.length + 1)),
    remember: (email) => browser.setItem(emailKey, email),
    remembered: () => browser.getItem(emailKey) ?? undefined,
  };
}

function parse(kept: string | null): KeptLogin | undefined {
  if (kept === null) return undefined;
  try {
    return JSON.parse(kept) as KeptLogin;
  } catch {
    // Cut off or by another hand: as if nobody had signed in.
    return undefined;
  }
}
