import { IntlMessageFormat } from 'intl-messageformat';
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
  const isolated = Object.entries(values).map(([name, value]) => [name, isolate(value)]);
  return String(format.format(Object.fromEntries(isolated)));
}

/** The name of a text, where there is one of that name. */
export function has(name: string): Key | undefined {
  return Object.hasOwn(en, name) ? (name as Key) : undefined;
}

/** How dates and times are written. */
export function locale(): string {
  return localeOf[language.get()];
}

/** Names from right to left stay where they are put, and turn nothing around them (UAX #9, FSI and PDI). */
function isolate(value: string | number): string | number {
  return typeof value === 'string' && RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value;
}

const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
