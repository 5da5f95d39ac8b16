import { IntlMessageFormat } from 'intl-messageformat';
import { de } from './de.js';
import { en, type Messages } from './en.js';
import { isolated } from './isolated.js';
import { localeOf, type Language } from './language.js';

const messages: Readonly<Record<Language, Messages>> = { en, de };
const formats = new Map<string, IntlMessageFormat>();

/** One of the server's texts, in a language. What is put into it stays as it is: it is text, and no message. */
export function say(
  language: Language,
  key: keyof Messages,
  values: Readonly<Record<string, string | number>> = {},
): string {
  const name = `${language} ${key}`;
  let format = formats.get(name);
  if (!format) {
    format = new IntlMessageFormat(messages[language][key], localeOf[language], undefined, {
      ignoreTag: true,
    });
    formats.set(name, format);
  }
  const shown = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'string' ? isolated(value) : value,
  ]);
  return String(format.format(Object.fromEntries(shown)));
}
