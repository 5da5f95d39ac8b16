import { createStore, type Readable } from '../state/store.js';

/** Light, dark, or as the system has it. */
export type Theme = 'system' | 'light' | 'dark';

// public/theme.js reads the same key before the first paint.
const key = 'carillon.theme';
const kept = localStorage.getItem(key);
const chosen = createStore<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system');

/** The theme that was chosen. */
export const theme: Readable<Theme> = chosen;

/** Chooses a theme, for later visits too. */
export function setTheme(next: Theme): void {
  chosen.set(next);
  if (next === 'system') {
    localStorage.removeItem(key);
    delete document.documentElement.dataset['theme'];
  } else {
    localStorage.setItem(key, next);
    document.documentElement.dataset['theme'] = next;
  }
}
