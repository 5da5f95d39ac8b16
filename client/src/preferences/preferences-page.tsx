import { useEffect, useId, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { go, hrefOf } from '../app/router.js';
import type { Channels, Preferences } from '../api/types.js';
import { useStore } from '../state/use-store.js';
import { FormAlert } from '../ui/alert.js';
import { Icon } from '../ui/icon.js';
import { LoadError, Skeleton } from '../ui/list-states.js';
import type { Change } from './change.js';
import { Devices } from './devices.js';
import { LanguageChoice } from './language-choice.js';
import { KindTable } from './kind-table.js';
import { QuietHoursForm } from './quiet-hours-form.js';
import { Reminders } from './reminders.js';
import type { PreferencesChange } from '../api/preferences.js';
import './preferences.css';
import { say } from '../words/words.js';

export function PreferencesPage() {
  const { wishes } = useDesk();
  const { preferences, channels, error } = useStore(wishes.state);
  const [refusal, setRefusal] = useState('');
  useEffect(() => void wishes.load(), [wishes]);

  async function save(change: PreferencesChange): Promise<void> {
    setRefusal('');
    setRefusal((await wishes.change(change)) ?? '');
  }

  return (
    <>
      <header className="page-head">
        <div className="words">
          <p className="eyebrow">{say('prefs.yours')}</p>
          <h1>{say('menu.preferences')}</h1>
        </div>
        <a
          className="button"
          href={hrefOf('/')}
          onClick={(event) => {
            event.preventDefault();
            go('/');
          }}
        >
          {say('common.back')}
        </a>
      </header>
      <FormAlert>{refusal}</FormAlert>
      {preferences && channels ? (
        <Sections preferences={preferences} channels={channels} change={(change) => void save(change)} />
      ) : error === null ? (
        <Skeleton label={say('prefs.loading')} />
      ) : (
        <LoadError text={error} onRetry={() => void wishes.load()} />
      )}
    </>
  );
}

interface SectionsProps {
  readonly preferences: Preferences;
  readonly channels: Channels;
  readonly change: Change;
}

function Sections({ preferences, channels, change }: SectionsProps) {
  return (
    <div className="preferences">
      <section className="card preferences__part" aria-labelledby="preferences-kinds">
        <h2 id="preferences-kinds">{say('prefs.kinds')}</h2>
        <p className="muted">{say('prefs.kindsHint')}</p>
        <KindTable kinds={preferences.kinds} channels={channels.items} change={change} />
        <p className="preferences__note">
          <Icon name="bell" size={18} />
          {say('prefs.critical')}
        </p>
      </section>
      <Devices detail={preferences.noticeDetail} change={change} />
      <section className="card preferences__part" aria-labelledby="preferences-language">
        <h2 id="preferences-language">{say('prefs.language')}</h2>
        <p className="muted">{say('prefs.languageHint')}</p>
        <LanguageChoice change={change} />
      </section>
      <section className="card preferences__part" aria-labelledby="preferences-reminders">
        <h2 id="preferences-reminders">{say('prefs.reminders')}</h2>
        <Reminders offsets={preferences.reminderOffsets} change={change} />
      </section>
      <section className="card preferences__part" aria-labelledby="preferences-quiet">
        <h2 id="preferences-quiet">{say('prefs.quiet')}</h2>
        <QuietHoursForm quietHours={preferences.quietHours} change={change} />
      </section>
      <section className="card preferences__part" aria-labelledby="preferences-page">
        <h2 id="preferences-page">{say('prefs.page')}</h2>
        <Switch label={say('prefs.sound')} isOn={preferences.sound} onChange={(sound) => change({ sound })} />
        <Switch
          label={say('prefs.keys')}
          hint={say('prefs.keysHint')}
          isOn={preferences.keys}
          onChange={(keys) => change({ keys })}
        />
      </section>
    </div>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly hint?: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

function Switch({ label, hint, isOn, onChange }: SwitchProps) {
  const hintId = useId();
  return (
    <div className="preferences__switch">
      <label>
        <input
          type="checkbox"
          checked={isOn}
          aria-describedby={hint === undefined ? undefined : hintId}
          onChange={(event) => onChange(event.target.checked)}
        />
        {label}
      </label>
      {hint !== undefined && (
        <p id={hintId} className="muted small">
          {hint}
        </p>
      )}
    </div>
  );
}
