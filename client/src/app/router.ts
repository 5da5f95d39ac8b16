import { createStore, type Readable } from '../state/store.js';

const current = createStore(location.pathname);
addEventListener('popstate', () => current.set(location.pathname));

/** The path of the page that is shown. */
export const path: Readable<string> = current;

export function go(to: string): void {
  if (to !== location.pathname) history.pushState(null, '', to);
  current.set(to);
}
