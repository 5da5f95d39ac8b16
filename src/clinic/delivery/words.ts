import type { AlertKind } from '../preferences/alert-kinds.js';
import type { Preferences } from '../preferences/preferences.js';
import { defaultLanguage } from '../words/language.js';
import { say } from '../words/say.js';
import type { Letter } from './channel.js';

/** What stands on a screen that others may see: the alert, or, unless its reader lets it out, that there is one. */
export function wordsFor(
  kind: AlertKind,
  message: string,
  { noticeDetail, language: chosen }: Pick<Preferences, 'noticeDetail' | 'language'>,
): Pick<Letter, 'title' | 'text' | 'language'> {
  const language = chosen ?? defaultLanguage;
  if (noticeDetail === 'full') return { title: say(language, `alert.${kind}`), text: message, language };
  const text = say(language, kind === 'message' ? 'alert.someMessage' : 'alert.someUpdate');
  return { title: 'Carillon', text, language };
}
