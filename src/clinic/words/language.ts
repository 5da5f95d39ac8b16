/** The languages that Carillon speaks, as `<html lang>` names them. */
export const languages = ['en', 'de'] as const;
/** One of them. */
export type Language = (typeof languages)[number];

/** Of those who never chose one, where nothing says what they read. */
export const defaultLanguage: Language = 'en';

/** How dates, times and numbers are written in it. */
export const localeOf: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de-DE' };

/** The first of the wishes that is spoken, whatever its region: `de-CH` is `de`; undefined where none is. */
export function firstSpoken(wishes: readonly string[]): Language | undefined {
  const bases = wishes.map((wish) => wish.toLowerCase().split('-')[0]);
  return bases.map((base) => languages.find((language) => language === base)).find(Boolean);
}
