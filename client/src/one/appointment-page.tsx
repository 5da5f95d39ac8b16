import { useCallback, useEffect, useState, type FormEvent } from 'react';
import { maxPatientMessageLength } from '../../../src/clinic/text-lengths.js';
import { useDesk } from '../app/app-context.js';
import { getAppointment, getCalendarFile, getHistory, messagePatient } from '../api/appointments.js';
import { idempotencyKey } from '../api/idempotency-key.js';
import { explain, hasCode } from '../api/problem.js';
import type { Appointment, History as PastAll } from '../api/types.js';
import { cancellationWords } from '../appointments/cancellation-words.js';
import { PendingNote } from '../appointments/pending-note.js';
import { StatusActions } from '../appointments/status-actions.js';
import { StatusChip } from '../appointments/status-chip.js';
import { isMovable, nextStatuses } from '../appointments/transitions.js';
import { useDialogs, type Dialogs } from '../appointments/use-dialogs.js';
import { MessageButton } from '../messages/message-button.js';
import { halfMinutes } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { clockTime } from '../time/clock-time.js';
import { dayOf, longDay } from '../time/day.js';
import { ownTime } from '../time/own-time.js';
import { FormAlert } from '../ui/alert.js';
import { Icon } from '../ui/icon.js';
import { Empty, LoadError, Skeleton } from '../ui/list-states.js';
import { PageLink } from '../ui/page-link.js';
import { happened, reached, reminded } from './history-words.js';
import '../appointments/day.css';
import '../appointments/patient.css';
import '../hours/hours.css';
import './one.css';
import { say } from '../words/words.js';
import { Text } from '../ui/text.js';

/** One appointment under its own address: what it is, what happened to it, and who has heard of it. */
export function AppointmentPage({ id }: { readonly id: number }) {
  const { user } = useDesk();
  const { appointment, error, reload } = useAppointment(id);
  const dialogs = useDialogs();
  const now = useStore(halfMinutes);
  const [words, setWords] = useState(0);
  if (error !== null) {
    return error === 'not_found' ? (
      <Empty icon="calendar" title={say('one.none')}>
        <PageLink to="/">{say('one.toList')}</PageLink>
      </Empty>
    ) : (
      <LoadError text={error} onRetry={reload} />
    );
  }
  if (!appointment) return <Skeleton label={say('one.loading')} rows={4} />;
  const { startsAt, endsAt, zone, patientName, doctorName, reason, status } = appointment;
  const today = dayOf(now, zone);
  const own = ownTime(startsAt, zone);
  const isStaff = user.role !== 'patient';
  return (
    <>
      <p className="one__back">
        <PageLink to={isStaff ? `/day/${dayOf(startsAt, zone)}` : '/'}>
          <Icon name="arrowLeft" size={16} /> {isStaff ? say('one.day') : say('list.title')}
        </PageLink>
      </p>
      <header className="page-head">
        <div className="words">
          <p className="eyebrow">
            {say('one.with', { isStaff: String(isStaff), patient: patientName, doctor: doctorName })}
          </p>
          <h1>
            {longDay(dayOf(startsAt, zone), today)},{' '}
            <time dateTime={startsAt}>{clockTime(startsAt, zone)}</time>
          </h1>
          <p className="muted">
            {[say('one.until', { time: clockTime(endsAt, zone) }), own, reason].filter(Boolean).join(' · ')}
          </p>
          {appointment.cancellation && (
            <p className="prose">
              <Text>{cancellationWords(appointment, user.id, now) ?? ''}</Text>
            </p>
          )}
        </div>
        <StatusChip status={status} />
      </header>
      <div className="row one__acts">
        {isStaff ? (
          <StatusActions appointment={appointment} dialogs={dialogs} />
        ) : (
          <OwnActs appointment={appointment} now={now} dialogs={dialogs} />
        )}
        {!isStaff && <MessageButton userId={appointment.doctorId} name={doctorName} />}
        <CalendarFile id={id} />
      </div>
      <div className="hours">
        <History key={appointment.version} appointment={appointment} today={today} words={words} />
        {isStaff && <Word id={id} patientName={patientName} onSent={() => setWords((n) => n + 1)} />}
      </div>
      {dialogs.element}
    </>
  );
}

function OwnActs({
  appointment,
  now,
  dialogs,
}: {
  readonly appointment: Appointment;
  readonly now: number;
  readonly dialogs: Dialogs;
}) {
  if (appointment.pendingChange) return <PendingNote appointment={appointment} />;
  if (Date.parse(appointment.endsAt) <= now) return null;
  return (
    <>
      {isMovable(appointment.status) && (
        <button type="button" className="button" onClick={() => dialogs.reschedule(appointment)}>
          {say('act.reschedule')}
        </button>
      )}
      {nextStatuses(appointment.status, 'patient').includes('cancelled') && (
        <button
          type="button"
          className="button button--quiet-danger"
          onClick={() => dialogs.cancel(appointment)}
        >
          {say('act.cancel')}
        </button>
      )}
    </>
  );
}

function useAppointment(id: number) {
  const { http, calendar } = useDesk();
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    getAppointment(http, id).then(
      (row) => {
        if (!isCurrent) return;
        calendar.put(row);
        setError(null);
      },
      (reason: unknown) => {
        if (isCurrent) setError(hasCode(reason, 'not_found') ? 'not_found' : explain(reason));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [http, calendar, id, round]);
  return {
    appointment: useStore(calendar.state).rows.get(id),
    error,
    reload: useCallback(() => setRound((n) => n + 1), []),
  };
}

interface HistoryProps {
  readonly appointment: Appointment;
  readonly today: string;
  /** How many messages were sent from here. */
  readonly words: number;
}

function History({ appointment, today, words }: HistoryProps) {
  const { http } = useDesk();
  const { id, zone } = appointment;
  const [past, setPast] = useState<PastAll>();
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    getHistory(http, id).then(
      (items) => {
        if (!isCurrent) return;
        setPast(items);
        setError(null);
      },
      (reason: unknown) => {
        if (isCurrent) setError(explain(reason));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [http, id, round, words]);
  // What was moved or cancelled has withdrawn its reminders: the event above says so.
  const reminders = past?.reminders.filter(({ state }) => state !== 'withdrawn') ?? [];
  return (
    <section aria-labelledby="history-title" className="card hours__card">
      <div className="hours__head">
        <h2 id="history-title">{say('history.title')}</h2>
        <button type="button" className="button button--small" onClick={() => setRound((n) => n + 1)}>
          <Icon name="refresh" size={16} />
          {say('history.again')}
        </button>
      </div>
      {error !== null && <LoadError text={error} onRetry={() => setRound((n) => n + 1)} />}
      {!past && error === null && <Skeleton label={say('history.loading')} rows={3} />}
      <ol className="history">
        {past?.items.map((event) => (
          <li key={event.at + event.type} className="words">
            <p className="prose">
              <strong>{event.byName}</strong> <Text>{happened(event, zone, today)}</Text>
            </p>
            <p className="muted small">
              <time dateTime={event.at}>
                {longDay(dayOf(event.at, zone), today)}, {clockTime(event.at, zone)}
              </time>
            </p>
            {reached(event, appointment, today).map((words) => (
              <p key={words} className="muted small">
                {words}
              </p>
            ))}
          </li>
        ))}
      </ol>
      {reminders.length > 0 && (
        <>
          <h3 id="reminders-title">{say('history.reminders')}</h3>
          <ul className="history" aria-labelledby="reminders-title">
            {reminders.map((reminder) => (
              <li
                key={`${reminder.role} ${reminder.dueAt} ${reminder.changedAt}`}
                className="muted small words"
              >
                {reminded(reminder, zone, today).map((line) => (
                  <p key={line}>{line}</p>
                ))}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

interface WordProps {
  readonly id: number;
  readonly patientName: string;
  readonly onSent: () => void;
}

function Word({ id, patientName, onSent }: WordProps) {
  const { http } = useDesk();
  const [message, setMessage] = useState('');
  const [key, setKey] = useState(idempotencyKey);
  const [outcome, setOutcome] = useState('');
  const [failure, setFailure] = useState('');
  const [isBusy, setBusy] = useState(false);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure('');
    setOutcome('');
    try {
      await messagePatient(http, id, message.trim(), key);
      setMessage('');
      setKey(idempotencyKey());
      setOutcome(say('one.sent'));
      onSent();
    } catch (error) {
      setFailure(explain(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <section aria-labelledby="word-title" className="card hours__card">
      <h2 id="word-title">{say('one.messageTo', { name: patientName })}</h2>
      <form className="form one__word" onSubmit={(event) => void submit(event)}>
        <label className="field">
          <span className="sr-only">{say('field.message')}</span>
          <textarea
            dir="auto"
            rows={3}
            required
            maxLength={maxPatientMessageLength}
            value={message}
            onChange={(event) => (setMessage(event.target.value), setKey(idempotencyKey()))}
          />
        </label>
        <FormAlert>{failure}</FormAlert>
        <div className="row">
          <button type="submit" className="button button--primary" disabled={isBusy || message.trim() === ''}>
            {say('common.send')}
          </button>
          <span role="status" className="small">
            {outcome}
          </span>
        </div>
      </form>
    </section>
  );
}

/** A file for another calendar: it needs the token, so it is no plain link. */
function CalendarFile({ id }: { readonly id: number }) {
  const { http } = useDesk();
  const [failure, setFailure] = useState('');
  async function save(): Promise<void> {
    try {
      setFailure('');
      const text = await getCalendarFile(http, id);
      const url = URL.createObjectURL(new Blob([text], { type: 'text/calendar' }));
      const link = document.createElement('a');
      Object.assign(link, { href: url, download: `appointment-${id}.ics` });
      link.click();
      URL.revokeObjectURL(url);
    } catch (error) {
      setFailure(explain(error));
    }
  }
  return (
    <>
      <button type="button" className="button" onClick={() => void save()}>
        <Icon name="calendar" size={18} />
        {say('one.addToCalendar')}
      </button>
      <FormAlert>{failure}</FormAlert>
    </>
  );
}
