import { go } from '../app/router.js';
import { longDay, nearDay, shiftDay } from '../time/day.js';
import { zoneNote } from '../time/zone-note.js';
import { Icon } from '../ui/icon.js';
import { useStaleness } from './use-calendar.js';
import type { ShownDay } from './use-day.js';

interface DayHeadProps {
  readonly eyebrow: string;
  readonly day: ShownDay;
  readonly now: number;
}

export function DayHead({ eyebrow, day: { day, today, zone, state, isToday, rows }, now }: DayHeadProps) {
  const stale = useStaleness(state);
  const note = zone === undefined ? undefined : zoneNote(zone, now);
  const near = nearDay(day, today);
  return (
    <>
      <header className="page-head">
        <div>
          <p className="eyebrow">{eyebrow}</p>
          <h1>{longDay(day, today)}</h1>
          <p className="muted">{[near, count(rows.length), stale, note].filter(Boolean).join(' · ')}</p>
        </div>
        <nav aria-label="Day" className="day-nav">
          <button
            type="button"
            className="icon-button icon-button--framed"
            aria-label="Previous day"
            onClick={() => go(`/day/${shiftDay(day, -1)}`)}
          >
            <Icon name="arrowLeft" />
          </button>
          <button type="button" className="button" disabled={isToday} onClick={() => go('/')}>
            Today
          </button>
          <button
            type="button"
            className="icon-button icon-button--framed"
            aria-label="Next day"
            onClick={() => go(`/day/${shiftDay(day, 1)}`)}
          >
            <Icon name="arrowRight" />
          </button>
          <label className="day-nav__date">
            <span className="sr-only">Go to date</span>
            <input
              type="date"
              value={day}
              onChange={(event) => {
                if (event.target.value !== '') go(`/day/${event.target.value}`);
              }}
            />
          </label>
        </nav>
      </header>
    </>
  );
}

function count(appointments: number): string {
  return appointments === 1 ? '1 appointment' : `${appointments} appointments`;
}
