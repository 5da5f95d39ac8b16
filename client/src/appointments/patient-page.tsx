import { useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { path } from '../app/router.js';
import type { Appointment } from '../api/types.js';
import { halfMinutes } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { zoneNote } from '../time/zone-note.js';
import { Icon } from '../ui/icon.js';
import { PageLink } from '../ui/page-link.js';
import { Empty, LoadError, Skeleton } from '../ui/list-states.js';
import { AppointmentCard } from './appointment-card.js';
import { byMonth, calledOff, matching, past, upcoming, type Appointments } from './appointment-list.js';
import type { CalendarState } from './calendar.js';
import { useCalendar, useStaleness } from './use-calendar.js';
import { useDialogs, type Dialogs } from './use-dialogs.js';
import './patient.css';
import { say, type Key } from '../words/words.js';

const everything = {};

/** From so many on somebody looks for one of them. */
const manyRows = 6;

interface Listing {
  readonly path: string;
  readonly label: Key;
  readonly rows: (known: Appointments, now: number) => readonly Appointment[];
  readonly nothing: Key;
}

const coming: Listing = { path: '/', label: 'list.upcoming', rows: upcoming, nothing: 'list.noUpcoming' };
const listings: readonly Listing[] = [
  coming,
  { path: '/past', label: 'list.past', rows: past, nothing: 'list.noPast' },
  { path: '/cancelled', label: 'list.cancelled', rows: calledOff, nothing: 'list.noCancelled' },
];

export function PatientPage() {
  const { user, clinic } = useDesk();
  const at = useStore(path);
  const listing = listings.find((one) => one.path === at) ?? coming;
  const [search, setSearch] = useState('');
  const state = useCalendar(everything);
  const now = useStore(halfMinutes);
  const dialogs = useDialogs();
  const stale = useStaleness(state);
  const zone = useStore(clinic)?.zone;
  const all = listing.rows(state.rows, now);
  const isSearched = all.length >= manyRows || search !== '';
  const rows = isSearched ? matching(all, search) : all;
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
          <h1>{say('list.title')}</h1>
        </div>
        <button type="button" className="button button--primary" onClick={() => dialogs.book()}>
          <Icon name="plus" size={18} />
          {say('list.book')}
        </button>
      </header>
      <nav aria-label={say('list.appointments')} className="switch">
        {listings.map((one) => (
          <PageLink key={one.path} to={one.path} className="switch__link" isCurrent={one === listing}>
            {say(one.label)}
          </PageLink>
        ))}
        <p className="switch__notes muted small">{[stale, note].filter(Boolean).join(' · ')}</p>
      </nav>
      {isSearched && (
        <label className="field search">
          <span className="sr-only">{say('list.search')}</span>
          <input
            type="search"
            dir="auto"
            placeholder={say('list.searchHint')}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </label>
      )}
      <List {...{ state, rows, search, listing, now, dialogs }} hasNotes={notes.size > 1} />
      {dialogs.element}
    </>
  );
}

interface ListProps {
  readonly state: CalendarState;
  readonly rows: readonly Appointment[];
  /** Whether each row says by whose clock its times are. */
  readonly hasNotes: boolean;
  readonly listing: Listing;
  readonly search: string;
  readonly now: number;
  readonly dialogs: Dialogs;
}

function List({ state, rows, hasNotes, listing, search, now, dialogs }: ListProps) {
  const { calendar } = useDesk();
  if (state.loading === 'first' && rows.length === 0) return <Skeleton label={say('list.loading')} />;
  return (
    <>
      {state.error !== null && <LoadError text={state.error} onRetry={() => void calendar.reload()} />}
      {rows.length === 0 && state.error === null && (
        <Empty icon="calendar" title={search === '' ? say(listing.nothing) : say('list.noHit')}>
          {listing === coming && search === '' && (
            <>
              <p className="muted">{say('list.hint')}</p>
              <button type="button" className="button button--primary" onClick={() => dialogs.book()}>
                {say('list.first')}
              </button>
            </>
          )}
        </Empty>
      )}
      {byMonth(rows).map(({ month, rows: ofMonth }) => (
        <section key={month} aria-label={month} className="month">
          <h2 className="month__name">{month}</h2>
          <ul className="cards">
            {ofMonth.map((row) => (
              <AppointmentCard
                key={row.id}
                appointment={row}
                change={state.changes.get(row.id)}
                isNext={listing === coming && row === rows[0]}
                zoneNote={hasNotes ? zoneNote(row.zone, Date.parse(row.startsAt)) : undefined}
                now={now}
                dialogs={dialogs}
              />
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
