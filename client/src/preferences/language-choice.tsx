import { languages, type Language } from '../../../src/clinic/words/language.js';
import { useStore } from '../state/use-store.js';
import { language } from '../words/language.js';
import { say } from '../words/words.js';
import type { Change } from './change.js';

/** Each calls itself as its readers call it. */
const names: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' };

/** In which language the page speaks, and the server writes to its reader. */
export function LanguageChoice({ change }: { readonly change: Change }) {
  const spoken = useStore(language);
  return (
    <fieldset className="segments">
      <legend className="sr-only">{say('prefs.language')}</legend>
      {languages.map((one) => (
        <label key={one} className="segment" lang={one}>
          <input
            type="radio"
            name="language"
            checked={one === spoken}
            onChange={() => change({ language: one })}
          />
          <span>{names[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}
