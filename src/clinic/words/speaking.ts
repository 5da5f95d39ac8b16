import { IntlMessageFormat } from 'intl-messageformat';
import { isolated } from './isolated.js';
import { localeOf, type Language } from './language.js';

/** What is put into a text, by its name there. */
export type Values = Readonly<Record<string, string | number>>;

/**
 * Says the texts of message files (ICU MessageFormat), one of each language. What is put into a text stays as it is: it is
 * text, and no message.
 */
export function speaking<Messages extends Readonly<Record<keyof Messages, string>>>(
  messages: Readonly<Record<Language, Messages>>,
): (language: Language, key: keyof Messages & string, values?: Values) => string {
  const formats = new Map<string, IntlMessageFormat>();

  return (language, key, values = {}) => {
    const name = `${language} ${key}`;
    let format = formats.get(name);
    if (!format) {
      format = new IntlMessageFormat(messages[language][key], localeOf[language], undefined, {
        ignoreTag: true,
      });
      formats.set(name, format);
    }
    const shown = Object.entries(values).map(([at, value]) => [
      at,
      typeof value === 'string' ? isolated(value) : value,
    ]);
    return String(format.format(Object.fromEntries(shown)));
  };
}
