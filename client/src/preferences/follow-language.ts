import { firstSpoken } from '../../../src/clinic/words/language.js';
import { ofBrowser, speak } from '../words/language.js';
import type { Wishes } from './wishes.js';

/**
 * The page speaks what its user chose; the browser's language becomes the choice of somebody who made none, so that what
 * the server writes is in it too.
 * @param key where the last choice is kept, so that the page needn't change its language under its reader's eyes
 * @returns ends it, and speaks the browser's language again
 */
export function followLanguage(wishes: Wishes, key: string): () => void {
  const kept = firstSpoken([localStorage.getItem(key) ?? '']);
  if (kept) speak(kept);
  let isChosen = false;
  const end = wishes.state.subscribe(() => {
    const { preferences } = wishes.state.get();
    if (!preferences) return;
    if (preferences.language !== null) {
      localStorage.setItem(key, preferences.language);
      speak(preferences.language);
    } else if (!isChosen) {
      // Once: a server that refuses it isn’t asked again and again.
      isChosen = true;
      void wishes.change({ language: ofBrowser() });
    }
  });
  return () => {
    end();
    speak(ofBrowser());
  };
}
