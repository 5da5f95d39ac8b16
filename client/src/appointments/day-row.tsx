import { useDesk } from '../app/app-context.js';
import type { Appointment } from '../api/types.js';
import { MessageButton } from '../messages/message-button.js';
import { clock } from '../state/clock.js';
import { clockTime } from '../time/clock-time.js';
import { PageLink } from '../ui/page-link.js';
import { cancellationWords } from './cancellation-words.js';
import type { Change } from './calendar.js';
import { ChangeFlash, ChangeNote } from './change-flash.js';
import { StatusActions } from './status-actions.js';
import { StatusChip } from './status-chip.js';
import type { Dialogs } from './use-dialogs.js';
import { rowId } from './use-reveal.js';
import { say } from '../words/words.js';
import { Text } from '../ui/text.js';

interface DayRowProps {
  readonly appointment: Appointment;
  readonly change: Change | undefined;
  readonly isOver: boolean;
  readonly dialogs: Dialogs;
  readonly withDoctor?: true;
}

export function DayRow({ appointment, change, isOver, dialogs, withDoctor }: DayRowProps) {
  const { user } = useDesk();
  const { id, startsAt, endsAt, zone, patientId, patientName, doctorName, reason, status } = appointment;
  const isGone = status === 'cancelled' || status === 'noshow' || status === 'entered-in-error';
  return (
    <li
      id={rowId(id)}
      tabIndex={-1}
      className={`slot${isOver ? ' slot--over' : ''}${isGone ? ' is-gone' : ''}`}
    >
      <ChangeFlash change={change} />
      <p className="slot__time">
        <time dateTime={startsAt}>{clockTime(startsAt, zone)}</time>
        <span className="muted small">
          <span className="sr-only">{say('card.until')} </span>
          {clockTime(endsAt, zone)}
        </span>
      </p>
      <div className="slot__words words">
        <p className="slot__name">
          <PageLink to={`/appointments/${id}`}>{patientName}</PageLink>
        </p>
        <p className="muted small">{[withDoctor && doctorName, reason].filter(Boolean).join(' · ')}</p>
        {appointment.cancellation && (
          <p className="muted small prose">
            <Text>{cancellationWords(appointment, user.id, clock.now()) ?? ''}</Text>
          </p>
        )}
      </div>
      <div className="slot__state">
        <StatusChip status={status} />
        <ChangeNote change={change} />
      </div>
      <div className="slot__acts">
        <MessageButton userId={patientId} name={patientName} />
        <StatusActions appointment={appointment} dialogs={dialogs} />
      </div>
    </li>
  );
}
