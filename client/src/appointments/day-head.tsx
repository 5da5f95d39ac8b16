import type { Appointment } from '../api/types.js';
import { go } from '../app/router.js';
import { longDay, nearDay, shiftDay } from '../time/day.js';
import { zoneNote } from '../time/zone-note.js';
import { Icon } from '../ui/icon.js';
import { isGone } from './appointment-list.js';
import { useStaleness } from './use-calendar.js';
import type { ShownDay } from './use-day.js';
import { say } from '../words/words.js';

interface DayHeadProps {
  readonly eyebrow: string;
  readonly day: ShownDay;
  readonly onBook: () => void;
}

export function DayHead({ eyebrow, day: shown, onBook }: DayHeadProps) {
  const { day, today, zone, state, isToday, rows } = shown;
  const stale = useStaleness(state);
  const note = zone === undefined ? undefined : zoneNote(zone, Date.parse(`${day}T12:00:00Z`));
  const near = nearDay(day, today);
  // Of a day that isn't there yet nobody knows how full it is.
  const isLoaded = state.loading !== 'first' && state.error === null;
  return (
    <>
      <header className="page-head">
        <div className="words">
          <p className="eyebrow">{eyebrow}</p>
          <h1>{longDay(day, today)}</h1>
          <p className="muted">{[near, isLoaded && count(rows), stale, note].filter(Boolean).join(' · ')}</p>
        </div>
        <nav aria-label={say('day.day')} className="day-nav">
          <button
            type="button"
            className="icon-button icon-button--framed"
            aria-label={say('day.previous')}
            onClick={() => go(`/day/${shiftDay(day, -1)}`)}
          >
            <Icon name="arrowLeft" />
          </button>
          <button type="button" className="button" disabled={isToday} onClick={() => go('/')}>
            {say('day.today')}
          </button>
          <button
            type="button"
            className="icon-button icon-button--framed"
            aria-label={say('day.next')}
            onClick={() => go(`/day/${shiftDay(day, 1)}`)}
          >
            <Icon name="arrowRight" />
          </button>
          <label className="day-nav__date">
            <span className="sr-only">{say('day.goTo')}</span>
            <input
              type="date"
              value={day}
              onChange={(event) => {
                if (event.target.value !== '') go(`/day/${event.target.value}`);
              }}
            />
          </label>
          <button
            type="button"
            className="icon-button icon-button--framed"
            aria-label={say('day.print')}
            title={say('day.print')}
            onClick={() => print()}
          >
            <Icon name="printer" />
          </button>
          {day >= today && (
            <button type="button" className="button button--primary" onClick={onBook}>
              <Icon name="plus" size={18} />
              {say('book.do')}
            </button>
          )}
        </nav>
      </header>
    </>
  );
}

/** As the clinic's numbers have it: what was cancelled is no appointment any more, but a row still. */
function count(rows: readonly Appointment[]): string {
  const gone = rows.filter(isGone).length;
  return say('day.count', { held: rows.length - gone, gone });
}
