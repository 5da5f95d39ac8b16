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
import { say } from '../words/words.js';

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
          <h1>{say('views.hours')}</h1>
          {zone !== undefined && (
            <p className="muted">{say('hours.clock', { zone: zone.replaceAll('_', ' ') })}</p>
          )}
        </div>
        {doctorSelect}
      </header>
      <Views current="hours" />
      {time.error !== null && <LoadError text={time.error} onRetry={time.reload} />}
      {!time.hours && time.error === null && <Skeleton label={say('hours.loading')} rows={7} />}
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
                <h2 id="off-title">{say('hours.off')}</h2>
                <button type="button" className="button" onClick={() => setBlocking(true)}>
                  {say('block.title')}
                </button>
              </div>
              <FormAlert>{time.failure}</FormAlert>
              {time.timesOff.length === 0 && <p className="muted">{say('hours.none')}</p>}
              <ul className="hours__list">
                {time.timesOff.map((off) => (
                  <OffRow key={off.id} off={off} zone={zone} onGiveBack={() => void time.giveBack(off.id)} />
                ))}
              </ul>
            </section>
            {misplaced.length > 0 && (
              <section aria-labelledby="misplaced-title" className="card hours__card">
                <h2 id="misplaced-title">{say('hours.outside')}</h2>
                <p className="muted">{say('hours.stay')}</p>
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
  const span = say('hours.span', {
    from: dayAndTime(off.startsAt, zone, now),
    to: dayAndTime(off.endsAt, zone, now),
  });
  return (
    <li>
      <div className="words">
        {off.note !== null && <p>{off.note}</p>}
        <p className="muted small">{span}</p>
      </div>
      <button
        type="button"
        className="button button--small"
        aria-label={say('hours.giveBackWhat', { what: [off.note, span].filter(Boolean).join(' ') })}
        onClick={onGiveBack}
      >
        {say('hours.giveBack')}
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
        title: say('common.saved'),
        text: say('hours.hold'),
        isSticky: false,
        about: [],
      });
      onSaved();
    } catch (error) {
      setFailure(hasCode(error, 'stale_version') ? say('hours.stale') : explain(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      aria-label={say('hours.working')}
      className="card hours__card form"
      onSubmit={(event) => void submit(event)}
    >
      <h2>{say('hours.each')}</h2>
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
          {say('hours.save')}
        </button>
        <p className="muted small">{say('hours.thereStay')}</p>
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
  const name = say(`weekday.${day}`);
  const fault = faultOf(times);
  const change = (i: number, part: Partial<Times[number]>) =>
    onChange(times.map((time, at) => (at === i ? { ...time, ...part } : time)));
  return (
    <fieldset className="hours__day">
      <legend>{name}</legend>
      <div className="hours__times">
        {times.length === 0 && <p className="muted">{say('hours.offDay')}</p>}
        {times.map(({ from, to }, i) => (
          // By place: a time that is being typed has nothing else that stays.
          <div key={i} className="hours__time">
            <input
              type="time"
              step={900}
              aria-label={say('hours.fromOf', { day: name })}
              value={from}
              onChange={({ target }) => change(i, { from: target.value })}
            />
            <span aria-hidden="true">–</span>
            <input
              type="time"
              step={900}
              aria-label={say('hours.toOf', { day: name })}
              value={to}
              onChange={({ target }) => change(i, { to: target.value })}
            />
            <button
              type="button"
              className="icon-button"
              aria-label={say('hours.remove', { from, to, day: name })}
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
          aria-label={say('hours.addOn', { day: name })}
          onClick={() => onChange(withOneMore(times))}
        >
          <Icon name="plus" size={16} />
          {say('hours.add')}
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
