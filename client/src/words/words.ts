import { localeOf } from '../../../src/clinic/words/language.js';
import { speaking, type Values } from '../../../src/clinic/words/speaking.js';
import { de } from './de.js';
import { en, type Messages } from './en.js';
import { language } from './language.js';

/** Names one of the page's texts. */
export type Key = keyof Messages;

const sayIn = speaking<Messages>({ en, de });

/** One of the page's texts, in the language that it speaks. */
export function say(key: Key, values?: Values): string {
  return sayIn(language.get(), key, values);
}

/** The name of a text, where there is one of that name. */
export function has(name: string): Key | undefined {
  return Object.hasOwn(en, name) ? (name as Key) : undefined;
}

/** How dates and times are written. */
export function locale(): string {
  return localeOf[language.get()];
}
