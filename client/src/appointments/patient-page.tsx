import { useDesk } from '../app/app-context.js';
import { go, hrefOf, path } from '../app/router.js';
import type { Appointment } from '../api/types.js';
import { halfMinutes } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { zoneNote } from '../time/zone-note.js';
import { Icon } from '../ui/icon.js';
import { Empty, LoadError, Skeleton } from '../ui/list-states.js';
import { AppointmentCard } from './appointment-card.js';
import { past, upcoming } from './appointment-list.js';
import type { CalendarState } from './calendar.js';
import { useCalendar, useStaleness } from './use-calendar.js';
import { useDialogs, type Dialogs } from './use-dialogs.js';
import './patient.css';

const everything = {};

export function PatientPage() {
  const { user, clinic } = useDesk();
  const isPast = useStore(path) === '/past';
  const state = useCalendar(everything);
  const now = useStore(halfMinutes);
  const dialogs = useDialogs();
  const stale = useStaleness(state);
  const zone = useStore(clinic)?.zone;
  const rows = isPast ? past(state.rows, now) : upcoming(state.rows, now);
  const notes = new Set(
    rows.length > 0
      ? rows.map((row) => zoneNote(row.zone, Date.parse(row.startsAt)))
      : [zone === undefined ? undefined : zoneNote(zone, now)],
  );
  // One for all of them, or each has its own: a season, or a law, later the clocks may differ by something else.
  const note = notes.size === 1 ? [...notes][0] : undefined;
  return (
    <>
      <header className="page-head">
        <div className="words">
          <p className="eyebrow">{user.name}</p>
          <h1>Your appointments</h1>
        </div>
        <button type="button" className="button button--primary" onClick={dialogs.book}>
          <Icon name="plus" size={18} />
          Book appointment
        </button>
      </header>
      <nav aria-label="Appointments" className="switch">
        <SwitchLink to="/" label="Upcoming" isCurrent={!isPast} />
        <SwitchLink to="/past" label="Past" isCurrent={isPast} />
        <p className="switch__notes muted small">{[stale, note].filter(Boolean).join(' · ')}</p>
      </nav>
      <List state={state} rows={rows} hasNotes={notes.size > 1} isPast={isPast} now={now} dialogs={dialogs} />
      {dialogs.element}
    </>
  );
}

interface SwitchLinkProps {
  readonly to: string;
  readonly label: string;
  readonly isCurrent: boolean;
}

function SwitchLink({ to, label, isCurrent }: SwitchLinkProps) {
  return (
    <a
      href={hrefOf(to)}
      aria-current={isCurrent ? 'page' : undefined}
      className="switch__link"
      onClick={(event) => {
        event.preventDefault();
        go(to);
      }}
    >
      {label}
    </a>
  );
}

interface ListProps {
  readonly state: CalendarState;
  readonly rows: readonly Appointment[];
  /** Whether each row says by whose clock its times are. */
  readonly hasNotes: boolean;
  readonly isPast: boolean;
  readonly now: number;
  readonly dialogs: Dialogs;
}

function List({ state, rows, hasNotes, isPast, now, dialogs }: ListProps) {
  const { calendar } = useDesk();
  if (state.loading === 'first' && rows.length === 0) return <Skeleton label="Loading appointments" />;
  return (
    <>
      {state.error !== null && <LoadError text={state.error} onRetry={() => void calendar.reload()} />}
      {rows.length === 0 && state.error === null && (
        <Empty icon="calendar" title={isPast ? 'Nothing in the past' : 'No appointment yet'}>
          {!isPast && (
            <>
              <p className="muted">Choose a doctor and a time; the clinic hears of it at once.</p>
              <button type="button" className="button button--primary" onClick={dialogs.book}>
                Book your first appointment
              </button>
            </>
          )}
        </Empty>
      )}
      <ul className="cards">
        {rows.map((row, i) => (
          <AppointmentCard
            key={row.id}
            appointment={row}
            change={state.changes.get(row.id)}
            isNext={!isPast && i === 0}
            zoneNote={hasNotes ? zoneNote(row.zone, Date.parse(row.startsAt)) : undefined}
            now={now}
            dialogs={dialogs}
          />
        ))}
      </ul>
    </>
  );
}
