import { createStore, type Readable } from '../state/store.js';

const open = createStore<readonly HTMLElement[]>([]);

/** The modal dialogs that are open, the topmost last. The browser lets nobody reach anything outside of that one. */
export const modals: Readable<readonly HTMLElement[]> = open;

/** @returns to be called when it closes */
export function enterModal(dialog: HTMLElement): () => void {
  open.update((dialogs) => [...dialogs, dialog]);
  return () => open.update((dialogs) => dialogs.filter((other) => other !== dialog));
}
