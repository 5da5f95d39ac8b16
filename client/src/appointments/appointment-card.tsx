import type { Appointment } from '../api/types.js';
import { MessageButton } from '../messages/message-button.js';
import { clockTime, until } from '../time/clock-time.js';
import { dayOf, dayParts, longDay, nearDay } from '../time/day.js';
import { PageLink } from '../ui/page-link.js';
import { ownTime } from '../time/own-time.js';
import { cancellationWords } from './cancellation-words.js';
import { isGone } from './appointment-list.js';
import type { Change } from './calendar.js';
import { ChangeFlash, ChangeNote } from './change-flash.js';
import { PendingNote } from './pending-note.js';
import { StatusChip } from './status-chip.js';
import { isMovable, nextStatuses } from './transitions.js';
import type { Dialogs } from './use-dialogs.js';
import { rowId } from './use-reveal.js';
import { say } from '../words/words.js';
import { Text } from '../ui/text.js';

interface AppointmentCardProps {
  readonly appointment: Appointment;
  readonly change: Change | undefined;
  readonly isNext: boolean;
  /** The time zone of its times, where it isn't said once for all cards. */
  readonly zoneNote: string | undefined;
  readonly now: number;
  readonly dialogs: Dialogs;
}

/** One appointment as its patient sees it. */
export function AppointmentCard({
  appointment,
  change,
  isNext,
  zoneNote,
  now,
  dialogs,
}: AppointmentCardProps) {
  const { id, startsAt, endsAt, zone, doctorId, doctorName, reason, status } = appointment;
  const day = dayOf(startsAt, zone);
  const today = dayOf(now, zone);
  const leaf = dayParts(day);
  const what = `${doctorName}, ${longDay(day, today)} ${clockTime(startsAt, zone)}`;
  const wait = isNext ? until(startsAt, now) : undefined;
  const own = ownTime(startsAt, zone);
  const isOpenToChange = !appointment.pendingChange && Date.parse(endsAt) > now;
  const isCancellable = nextStatuses(status, 'patient').includes('cancelled');
  return (
    <li
      id={rowId(id)}
      tabIndex={-1}
      className={`card appointment${isNext ? ' appointment--next' : ''}${isGone(appointment) ? ' is-gone' : ''}`}
    >
      <ChangeFlash change={change} />
      <div className="leaf" aria-hidden="true">
        <span className="leaf__month">{leaf.month}</span>
        <span className="leaf__number">{leaf.number}</span>
        <span className="leaf__weekday">{leaf.weekday}</span>
      </div>
      <div className="appointment__words words">
        <p className="appointment__when">
          <span className="sr-only">{longDay(day, today)}, </span>
          <time dateTime={startsAt}>{clockTime(startsAt, zone)}</time>
          <span className="muted"> {say('card.to', { time: clockTime(endsAt, zone) })}</span>
          <span className="appointment__near">{[nearDay(day, today), wait].filter(Boolean).join(', ')}</span>
        </p>
        {own !== undefined && <p className="muted small">{own}</p>}
        <p className="appointment__who">
          <PageLink to={`/appointments/${id}`} label={say('card.details', { what })}>
            {doctorName}
          </PageLink>
        </p>
        {zoneNote !== undefined && <p className="muted small">{zoneNote}</p>}
        {reason !== null && reason !== '' && (
          <p className="muted prose">
            <Text>{reason}</Text>
          </p>
        )}
        {appointment.cancellation && (
          <p className="small prose">
            <Text>{cancellationWords(appointment, appointment.patientId, now) ?? ''}</Text>
          </p>
        )}
      </div>
      <div className="appointment__state">
        <StatusChip status={status} />
        <PendingNote appointment={appointment} />
        <ChangeNote change={change} />
      </div>
      <div className="appointment__actions">
        <MessageButton userId={doctorId} name={doctorName} />
        {isOpenToChange && isMovable(status) && (
          <button
            type="button"
            className="button button--small"
            aria-label={say('card.reschedule', { what })}
            onClick={() => dialogs.reschedule(appointment)}
          >
            {say('act.reschedule')}
          </button>
        )}
        {isOpenToChange && isCancellable && (
          <button
            type="button"
            className="button button--small button--quiet-danger"
            aria-label={say('card.cancel', { what })}
            onClick={() => dialogs.cancel(appointment)}
          >
            {say('act.cancel')}
          </button>
        )}
      </div>
    </li>
  );
}
