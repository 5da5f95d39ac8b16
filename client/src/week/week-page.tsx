import { useState, type CSSProperties } from 'react';
import { useDesk } from '../app/app-context.js';
import { go, path } from '../app/router.js';
import { statusLabel } from '../appointments/status-words.js';
import { useCalendar, useStaleness } from '../appointments/use-calendar.js';
import { useDialogs } from '../appointments/use-dialogs.js';
import { halfMinutes } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { clockTime } from '../time/clock-time.js';
import { dayOf, dayParts, isDay, longDay, shiftDay, type Day } from '../time/day.js';
import { zoneNote } from '../time/zone-note.js';
import { FormAlert } from '../ui/alert.js';
import { Icon } from '../ui/icon.js';
import { LoadError, Skeleton } from '../ui/list-states.js';
import { PageLink } from '../ui/page-link.js';
import { BlockDialog } from './block-dialog.js';
import { useChosenDoctor } from './doctor-select.js';
import { useDoctorTime } from './use-doctor-time.js';
import { Views } from './views.js';
import {
  daysOf,
  frameOf,
  fullDay,
  mondayOf,
  timeAt,
  type Block,
  type Frame,
  type WeekDay,
} from './week-layout.js';
import '../appointments/day.css';
import '../appointments/patient.css';
import './week.css';
import { say } from '../words/words.js';

/** A doctor's week: what is booked, when they are there, when they are away. */
export function WeekPage() {
  const { user, clinic, calendar } = useDesk();
  const now = useStore(halfMinutes);
  const zone = useStore(clinic)?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const today = dayOf(now, zone);
  const asked = useStore(path).match(/^\/week\/([^/]+)$/)?.[1];
  const monday = mondayOf(asked !== undefined && isDay(asked) ? asked : today);
  const isThisWeek = monday === mondayOf(today);
  // A day of the clinic lies within three days of Greenwich, wherever the clinic is.
  const span = { from: `${shiftDay(monday, -1)}T00:00:00Z`, to: `${shiftDay(monday, 8)}T00:00:00Z` };
  const state = useCalendar(span);
  const { doctorId, element: doctorSelect } = useChosenDoctor();
  const time = useDoctorTime(doctorId, span.from, span.to);
  const dialogs = useDialogs();
  const [blocking, block] = useState<Day | null>(null);
  const stale = useStaleness(state);

  const rows = [...state.rows.values()].filter((row) => row.doctorId === doctorId);
  const days = daysOf({ monday, zone, hours: time.hours?.items ?? [], timesOff: time.timesOff, rows });
  const frame = frameOf(days);
  const isLoaded = time.hours !== undefined && state.loading !== 'first';

  return (
    <>
      <header className="page-head">
        <div className="words">
          <p className="eyebrow">{user.name}</p>
          <h1>{say('week.of', { day: longDay(monday, today) })}</h1>
          <p className="muted">
            {[stale, zoneNote(zone, Date.parse(`${monday}T12:00:00Z`))].filter(Boolean).join(' · ')}
          </p>
        </div>
        <div className="day-nav">
          {doctorSelect}
          <button
            type="button"
            className="icon-button icon-button--framed"
            aria-label={say('week.previous')}
            onClick={() => go(`/week/${shiftDay(monday, -7)}`)}
          >
            <Icon name="arrowLeft" />
          </button>
          <button type="button" className="button" onClick={() => go('/week')}>
            {say('week.this')}
          </button>
          <button
            type="button"
            className="icon-button icon-button--framed"
            aria-label={say('week.next')}
            onClick={() => go(`/week/${shiftDay(monday, 7)}`)}
          >
            <Icon name="arrowRight" />
          </button>
          <button type="button" className="button" onClick={() => block(today > monday ? today : monday)}>
            {say('block.title')}
          </button>
          <button
            type="button"
            className="button button--primary"
            onClick={() =>
              dialogs.book({
                ...(doctorId !== undefined && { doctorId }),
                ...(monday > today && { day: monday }),
              })
            }
          >
            <Icon name="plus" size={18} />
            {say('book.do')}
          </button>
        </div>
      </header>
      <Views current="week" day={isThisWeek ? undefined : monday} />
      <FormAlert>{time.failure}</FormAlert>
      {[state.error, time.error].map(
        (error) =>
          error !== null && (
            <LoadError key={error} text={error} onRetry={() => (void calendar.reload(), time.reload())} />
          ),
      )}
      {!isLoaded && state.error === null && time.error === null && (
        <Skeleton label={say('week.loading')} rows={6} />
      )}
      {isLoaded && (
        <div className="week" style={{ '--week-hours': (frame.to - frame.from) / 60 } as CSSProperties}>
          <Hours frame={frame} />
          {days.map((one) => (
            <Column
              key={one.day}
              day={one}
              frame={frame}
              today={today}
              zone={zone}
              now={now}
              onBook={() => dialogs.book({ day: one.day, ...(doctorId !== undefined && { doctorId }) })}
              onBlock={() => block(one.day)}
              onUnblock={(id) => void time.giveBack(id)}
            />
          ))}
        </div>
      )}
      {blocking !== null && doctorId !== undefined && (
        <BlockDialog
          doctorId={doctorId}
          zone={zone}
          day={blocking}
          onClose={() => block(null)}
          onDone={time.reload}
        />
      )}
      {dialogs.element}
    </>
  );
}

/** The hours along the side. */
function Hours({ frame }: { readonly frame: Frame }) {
  const hours = Array.from({ length: (frame.to - frame.from) / 60 }, (_, i) => frame.from / 60 + i);
  return (
    <div className="week__hours" aria-hidden="true">
      {hours.map((hour) => (
        <span key={hour}>{String(hour).padStart(2, '0')}:00</span>
      ))}
    </div>
  );
}

interface ColumnProps {
  readonly day: WeekDay;
  readonly frame: Frame;
  readonly today: Day;
  readonly zone: string;
  readonly now: number;
  readonly onBook: () => void;
  readonly onBlock: () => void;
  readonly onUnblock: (id: number) => void;
}

function Column({ day: { day, open, off, appointments }, frame, today, zone, now, ...on }: ColumnProps) {
  const { weekday, number, month } = dayParts(day);
  const name = longDay(day, today);
  // What is read aloud, and stands below each other on a phone, is in the order of the day.
  const blocks = [...off, ...appointments].toSorted((a, b) => a.from - b.from);
  return (
    <section aria-label={name} className={`week__day${day === today ? ' week__day--today' : ''}`}>
      <header className="week__head">
        <PageLink to={`/day/${day}`}>
          {weekday} <strong>{number}</strong> <span className="week__month">{month}</span>
          <span className="sr-only">{say('week.theDay')}</span>
        </PageLink>
        {day >= today && (
          <span className="week__acts">
            <button
              type="button"
              className="icon-button icon-button--small"
              aria-label={say('week.bookOn', { day: name })}
              onClick={on.onBook}
            >
              <Icon name="plus" size={16} />
            </button>
            <button
              type="button"
              className="icon-button icon-button--small"
              aria-label={say('week.blockOn', { day: name })}
              onClick={on.onBlock}
            >
              <Icon name="absent" size={16} />
            </button>
          </span>
        )}
      </header>
      <div className="week__column">
        {open.map((block) => (
          <span key={block.key} className="week__open" style={placed(block, frame)} />
        ))}
        <ul>
          {blocks.map((block) =>
            'timeOff' in block ? (
              <OffBlock key={block.key} block={block} dayName={name} frame={frame} onUnblock={on.onUnblock} />
            ) : (
              <AppointmentBlock key={block.key} block={block} zone={zone} frame={frame} />
            ),
          )}
        </ul>
        {appointments.length === 0 && <p className="week__nothing muted small">{say('week.nothing')}</p>}
        {day === today && <NowLine at={minuteOf(now, zone)} frame={frame} />}
      </div>
    </section>
  );
}

interface OffBlockProps {
  readonly block: WeekDay['off'][number];
  readonly dayName: string;
  readonly frame: Frame;
  readonly onUnblock: (id: number) => void;
}

function OffBlock({ block, dayName, frame, onUnblock }: OffBlockProps) {
  const { from, to, timeOff } = block;
  return (
    <li className="week__off" style={placed(block, frame)}>
      <span className="words">
        {to - from < fullDay && `${timeAt(from)}–${timeAt(to)} `}
        {timeOff.note ?? say('week.blocked')}
      </span>
      <button
        type="button"
        className="icon-button icon-button--small"
        aria-label={say('week.giveBack', {
          what: timeOff.note ?? say('week.blockedTime'),
          day: dayName,
        })}
        onClick={() => onUnblock(timeOff.id)}
      >
        <Icon name="cross" size={14} />
      </button>
    </li>
  );
}

interface AppointmentBlockProps {
  readonly block: WeekDay['appointments'][number];
  readonly zone: string;
  readonly frame: Frame;
}

function AppointmentBlock({ block, zone, frame }: AppointmentBlockProps) {
  const { appointment, isMisplaced } = block;
  return (
    <li
      className={`week__slot chip--${appointment.status}${isMisplaced ? ' week__slot--misplaced' : ''}`}
      style={placed(block, frame)}
    >
      <PageLink to={`/appointments/${appointment.id}`}>
        <time dateTime={appointment.startsAt}>{clockTime(appointment.startsAt, zone)}</time>{' '}
        <span className="words">{appointment.patientName}</span>
        <span className="sr-only">
          , {statusLabel(appointment.status)}
          {isMisplaced && say('week.outside')}
        </span>
      </PageLink>
    </li>
  );
}

function NowLine({ at, frame }: { readonly at: number; readonly frame: Frame }) {
  if (at < frame.from || at > frame.to) return null;
  return (
    <span className="week__now" style={placed({ key: 'now', from: at, to: at }, frame)} aria-hidden="true" />
  );
}

function minuteOf(now: number, zone: string): number {
  const [hours = 0, minutes = 0] = clockTime(now, zone).split(':').map(Number);
  return hours * 60 + minutes;
}

function placed(block: Block, frame: Frame): CSSProperties {
  const whole = frame.to - frame.from;
  const [from, to] = [Math.max(block.from, frame.from), Math.min(block.to, frame.to)];
  return {
    insetBlockStart: `${(100 * (from - frame.from)) / whole}%`,
    blockSize: `${(100 * Math.max(0, to - from)) / whole}%`,
  };
}
