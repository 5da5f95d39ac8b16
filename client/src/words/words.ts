import { IntlMessageFormat } from 'intl-messageformat';
import { isolated } from '../../../src/clinic/words/isolated.js';
import { localeOf, type Language } from '../../../src/clinic/words/language.js';
import { de } from './de.js';
import { en, type Messages } from './en.js';
import { language } from './language.js';

/** Names one of the page's texts. */
export type Key = keyof Messages;

const messages: Readonly<Record<Language, Messages>> = { en, de };
const formats = new Map<string, IntlMessageFormat>();

/** One of the page's texts, in the language that it speaks. What is put into it is shown as it is. */
export function say(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  const spoken = language.get();
  const name = `${spoken} ${key}`;
  let format = formats.get(name);
  if (!format) {
    format = new IntlMessageFormat(messages[spoken][key], localeOf[spoken], undefined, { ignoreTag: true });
    formats.set(name, format);
  }
  const shown = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'string' ? isolated(value) : value,
  ]);
  return String(format.format(Object.fromEntries(shown)));
}

/** The name of a text, where there is one of that name. */
export function has(name: string): Key | undefined {
  return Object.hasOwn(en, name) ? (name as Key) : undefined;
}

/** How dates and times are written. */
export function locale(): string {
  return localeOf[language.get()];
}
