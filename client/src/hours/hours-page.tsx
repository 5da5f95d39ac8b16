import { useEffect, useState, type FormEvent } from 'react';
import { useDesk } from '../app/app-context.js';
import { listMisplaced, setHours } from '../api/doctor-time.js';
import { explain, hasCode } from '../api/problem.js';
import type { Appointment, DoctorHours, TimeOff } from '../api/types.js';
import { clock } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { dayAndTime } from '../time/clock-time.js';
import { dayOf } from '../time/day.js';
import { FormAlert } from '../ui/alert.js';
import { Icon } from '../ui/icon.js';
import { LoadError, Skeleton } from '../ui/list-states.js';
import { PageLink } from '../ui/page-link.js';
import { BlockDialog } from '../week/block-dialog.js';
import { useChosenDoctor } from '../week/doctor-select.js';
import { useDoctorTime } from '../week/use-doctor-time.js';
import { Views } from '../week/views.js';
import {
  editedWeek,
  faultOf,
  itemsOf,
  maxTimes,
  weekdayNames,
  weekdays,
  withOneMore,
  type EditedWeek,
  type Times,
  type Weekday,
} from './edited-week.js';
import '../appointments/day.css';
import '../appointments/patient.css';
import '../week/week.css';
import './hours.css';

/** When a doctor sees patients, and when they are away. */
export function HoursPage() {
  const { user, clinic } = useDesk();
  const { doctorId, element: doctorSelect } = useChosenDoctor();
  const time = useDoctorTime(doctorId);
  const misplaced = useMisplaced(doctorId, time.hours?.version, time.timesOff);
  const [isBlocking, setBlocking] = useState(false);
  const zone = useStore(clinic)?.zone ?? time.hours?.zone;

  return (
    <>
      <header className="page-head">
        <div className="words">
          <p className="eyebrow">{user.name}</p>
          <h1>Hours and days off</h1>
          {zone !== undefined && <p className="muted">By the clinic’s clock, {zone.replaceAll('_', ' ')}</p>}
        </div>
        {doctorSelect}
      </header>
      <Views current="hours" />
      {time.error !== null && <LoadError text={time.error} onRetry={time.reload} />}
      {!time.hours && time.error === null && <Skeleton label="Loading hours" rows={7} />}
      {time.hours && doctorId !== undefined && zone !== undefined && (
        <div className="hours">
          <WeekForm
            key={`${doctorId} ${time.hours.version}`}
            doctorId={doctorId}
            hours={time.hours}
            onSaved={time.reload}
          />
          <div className="hours__side">
            <section aria-labelledby="off-title" className="card hours__card">
              <div className="hours__head">
                <h2 id="off-title">Days off and blocked times</h2>
                <button type="button" className="button" onClick={() => setBlocking(true)}>
                  Block time
                </button>
              </div>
              <FormAlert>{time.failure}</FormAlert>
              {time.timesOff.length === 0 && <p className="muted">None to come.</p>}
              <ul className="hours__list">
                {time.timesOff.map((off) => (
                  <OffRow key={off.id} off={off} zone={zone} onGiveBack={() => void time.giveBack(off.id)} />
                ))}
              </ul>
            </section>
            {misplaced.length > 0 && (
              <section aria-labelledby="misplaced-title" className="card hours__card">
                <h2 id="misplaced-title">Appointments outside of these hours</h2>
                <p className="muted">They stay as they are until somebody moves or cancels them.</p>
                <ul className="hours__list">
                  {misplaced.map((row) => (
                    <li key={row.id} className="words">
                      <PageLink to={`/appointments/${row.id}`}>
                        {row.patientName}, {dayAndTime(row.startsAt, zone, clock.now())}
                      </PageLink>
                    </li>
                  ))}
                </ul>
              </section>
            )}
          </div>
          {isBlocking && (
            <BlockDialog
              doctorId={doctorId}
              zone={zone}
              day={dayOf(clock.now(), zone)}
              onClose={() => setBlocking(false)}
              onDone={time.reload}
            />
          )}
        </div>
      )}
    </>
  );
}

interface OffRowProps {
  readonly off: TimeOff;
  readonly zone: string;
  readonly onGiveBack: () => void;
}

function OffRow({ off, zone, onGiveBack }: OffRowProps) {
  const now = clock.now();
  const span = `${dayAndTime(off.startsAt, zone, now)} to ${dayAndTime(off.endsAt, zone, now)}`;
  return (
    <li>
      <div className="words">
        {off.note !== null && <p>{off.note}</p>}
        <p className="muted small">{span}</p>
      </div>
      <button
        type="button"
        className="button button--small"
        aria-label={`Give back ${off.note ?? ''} ${span}`}
        onClick={onGiveBack}
      >
        Give back
      </button>
    </li>
  );
}

interface WeekFormProps {
  readonly doctorId: number;
  readonly hours: DoctorHours;
  readonly onSaved: () => void;
}

function WeekForm({ doctorId, hours, onSaved }: WeekFormProps) {
  const { http, toasts } = useDesk();
  const [week, setWeek] = useState<EditedWeek>(() => editedWeek(hours.items));
  const [failure, setFailure] = useState('');
  const [isBusy, setBusy] = useState(false);
  const isValid = weekdays.every((day) => faultOf(week[day]) === undefined);
  const isChanged = JSON.stringify(itemsOf(week)) !== JSON.stringify(hours.items);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure('');
    try {
      await setHours(http, doctorId, itemsOf(week), hours.version);
      toasts.show({
        tone: 'news',
        title: 'Saved',
        text: 'These hours hold from now on.',
        isSticky: false,
        about: [],
      });
      onSaved();
    } catch (error) {
      setFailure(
        hasCode(error, 'stale_version')
          ? 'Somebody changed these hours meanwhile. Load the page again to see them.'
          : explain(error),
      );
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      aria-label="Working hours"
      className="card hours__card form"
      onSubmit={(event) => void submit(event)}
    >
      <h2>Each week</h2>
      {weekdays.map((day) => (
        <DayTimes
          key={day}
          day={day}
          times={week[day]}
          onChange={(times) => setWeek((before) => ({ ...before, [day]: times }))}
        />
      ))}
      <FormAlert>{failure}</FormAlert>
      <div className="row">
        <button type="submit" className="button button--primary" disabled={isBusy || !isValid || !isChanged}>
          Save hours
        </button>
        <p className="muted small">Appointments that are there stay.</p>
      </div>
    </form>
  );
}

interface DayTimesProps {
  readonly day: Weekday;
  readonly times: Times;
  readonly onChange: (times: Times) => void;
}

function DayTimes({ day, times, onChange }: DayTimesProps) {
  const name = weekdayNames[day];
  const fault = faultOf(times);
  const change = (i: number, part: Partial<Times[number]>) =>
    onChange(times.map((time, at) => (at === i ? { ...time, ...part } : time)));
  return (
    <fieldset className="hours__day">
      <legend>{name}</legend>
      <div className="hours__times">
        {times.length === 0 && <p className="muted">Off</p>}
        {times.map(({ from, to }, i) => (
          // By place: a time that is being typed has nothing else that stays.
          <div key={i} className="hours__time">
            <input
              type="time"
              step={900}
              aria-label={`${name}, from`}
              value={from}
              onChange={({ target }) => change(i, { from: target.value })}
            />
            <span aria-hidden="true">–</span>
            <input
              type="time"
              step={900}
              aria-label={`${name}, to`}
              value={to}
              onChange={({ target }) => change(i, { to: target.value })}
            />
            <button
              type="button"
              className="icon-button"
              aria-label={`Remove ${from} to ${to} on ${name}`}
              onClick={() => onChange(times.filter((_, at) => at !== i))}
            >
              <Icon name="cross" size={18} />
            </button>
          </div>
        ))}
        <p role="status" className="hours__fault small">
          {fault}
        </p>
      </div>
      {times.length < maxTimes && (
        <button
          type="button"
          className="button button--small"
          aria-label={`Add a time on ${name}`}
          onClick={() => onChange(withOneMore(times))}
        >
          <Icon name="plus" size={16} />
          Add
        </button>
      )}
    </fieldset>
  );
}

/** Asked for again when hours or times off have changed. */
function useMisplaced(
  doctorId: number | undefined,
  version: number | undefined,
  timesOff: readonly TimeOff[],
): readonly Appointment[] {
  const { http } = useDesk();
  const [found, setFound] = useState<readonly Appointment[]>([]);
  useEffect(() => {
    if (doctorId === undefined || version === undefined) return undefined;
    let isCurrent = true;
    listMisplaced(http, doctorId).then(
      (rows) => {
        if (isCurrent) setFound(rows);
      },
      () => {
        // The hours stand beside it, with their own error and a way to try again.
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [http, doctorId, version, timesOff]);
  return found;
}
