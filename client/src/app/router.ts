import { createStore, type Readable } from '../state/store.js';
import { root } from './root.js';

const current = createStore(shown());
addEventListener('popstate', () => current.set(shown()));

/** The path of the page that is shown, as it is below the root: `/day/2026-11-21`. */
export const path: Readable<string> = current;

/** Shows another page, and puts it into the history. */
export function go(to: string): void {
  if (to !== shown()) history.pushState(null, '', hrefOf(to));
  current.set(to);
}

/** What a link to a page names. */
export function hrefOf(path: string): string {
  return root.pathname + path.slice(1);
}

function shown(): string {
  return location.pathname.startsWith(root.pathname)
    ? location.pathname.slice(root.pathname.length - 1)
    : '/';
}
