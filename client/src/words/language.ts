import { defaultLanguage, firstSpoken, type Language } from '../../../src/clinic/words/language.js';
import { createStore, type Readable } from '../state/store.js';

const current = createStore<Language>(ofBrowser());

/** The language that the page speaks. What shows words asks anew when it changes: `App` is drawn again. */
export const language: Readable<Language> = current;

/** The browser's, as far as it is spoken here. */
export function ofBrowser(): Language {
  return firstSpoken(globalThis.navigator?.languages ?? []) ?? defaultLanguage;
}

/** Speaks another one from now on. */
export function speak(next: Language): void {
  current.set(next);
  if (globalThis.document) {
    document.documentElement.lang = next;
    document.documentElement.dir = 'ltr';
  }
}
