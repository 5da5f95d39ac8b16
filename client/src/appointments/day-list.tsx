import { Fragment } from 'react';
import { useDesk } from '../app/app-context.js';
import type { Appointment } from '../api/types.js';
import { clockTime } from '../time/clock-time.js';
import { Empty, LoadError, Skeleton } from '../ui/list-states.js';
import { DayRow } from './day-row.js';
import type { ShownDay } from './use-day.js';
import { useHeldRows } from './use-held-rows.js';
import type { Dialogs } from './use-dialogs.js';
import { say } from '../words/words.js';

interface DayListProps {
  readonly day: ShownDay;
  readonly now: number;
  readonly dialogs: Dialogs;
  /** Whether rows name their doctor too. */
  readonly withDoctor?: true;
}

/** A day by time, with a line where the clock stands. */
export function DayList({ day, now, dialogs, withDoctor }: DayListProps) {
  const { state, isToday, zone } = day;
  const { calendar } = useDesk();
  const { rows, ...hold } = useHeldRows(day.rows, state.rows);
  if (state.loading === 'first' && rows.length === 0)
    return <Skeleton label={say('list.loading')} rows={5} />;

  const firstToCome = isToday ? rows.findIndex(({ startsAt }) => Date.parse(startsAt) > now) : -1;
  const nowLine = <NowLine time={clockTime(now, zone)} />;
  return (
    <>
      {state.error !== null && <LoadError text={state.error} onRetry={() => void calendar.reload()} />}
      {rows.length === 0 && state.error === null && (
        <Empty icon="calendar" title={say('day.none')}>
          <p className="muted">{say('day.noneHint')}</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <ol className="day" aria-label={say('list.appointments')} {...hold}>
          {rows.map((row: Appointment, i) => (
            <Fragment key={row.id}>
              {i === firstToCome && nowLine}
              <DayRow
                appointment={row}
                change={state.changes.get(row.id)}
                isOver={isToday && Date.parse(row.endsAt) <= now}
                dialogs={dialogs}
                {...(withDoctor && { withDoctor })}
              />
            </Fragment>
          ))}
          {isToday && firstToCome === -1 && nowLine}
        </ol>
      )}
    </>
  );
}

function NowLine({ time }: { readonly time: string }) {
  return (
    <li className={say('day.nowWord')} aria-label={say('day.now', { time })}>
      <span className="now__time">{time}</span>
      <span className="now__line" />
      <span className="now__word">{say('day.nowWord')}</span>
    </li>
  );
}
