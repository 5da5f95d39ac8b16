import { useState } from 'react';
import type { Preferences } from '../api/types.js';
import type { Change } from './change.js';
import { say } from '../words/words.js';

interface QuietHoursFormProps {
  readonly quietHours: Preferences['quietHours'];
  readonly change: Change;
}

export function QuietHoursForm({ quietHours, change }: QuietHoursFormProps) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [draft, setDraft] = useState(quietHours ?? { from: '22:00', to: '07:00', zone: here });
  const zones = [...new Set([draft.zone, here, 'UTC', ...Intl.supportedValuesOf('timeZone')])];

  function set(part: Partial<typeof draft>): void {
    const next = { ...draft, ...part };
    setDraft(next);
    // A field that is being written is empty now and then.
    if (quietHours !== null && next.from !== '' && next.to !== '' && next.from !== next.to)
      change({ quietHours: next });
  }

  return (
    <>
      <p className="muted">{say('quiet.hint')}</p>
      <div className="preferences__switch">
        <label>
          <input
            type="checkbox"
            checked={quietHours !== null}
            onChange={(event) => change({ quietHours: event.target.checked ? draft : null })}
          />
          {say('quiet.keep')}
        </label>
      </div>
      {quietHours !== null && (
        <div className="quiet">
          <label className="field">
            <span>{say('common.from')}</span>
            <input
              type="time"
              required
              value={draft.from}
              onChange={(event) => set({ from: event.target.value })}
            />
          </label>
          <label className="field">
            <span>{say('common.to')}</span>
            <input
              type="time"
              required
              value={draft.to}
              onChange={(event) => set({ to: event.target.value })}
            />
          </label>
          <label className="field">
            <span>{say('quiet.zone')}</span>
            <select value={draft.zone} onChange={(event) => set({ zone: event.target.value })}>
              {zones.map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </select>
          </label>
        </div>
      )}
      {draft.from === draft.to && <p className="form-alert">{say('quiet.differ')}</p>}
    </>
  );
}
