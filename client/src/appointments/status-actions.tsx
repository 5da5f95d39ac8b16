import { useDesk } from '../app/app-context.js';
import { setStatus } from '../api/appointments.js';
import type { Appointment, AppointmentStatus } from '../api/types.js';
import { halfMinutes } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { clockTime } from '../time/clock-time.js';
import { FormAlert } from '../ui/alert.js';
import { Icon } from '../ui/icon.js';
import { Popover, usePopover } from '../ui/popover.js';
import { PendingNote } from './pending-note.js';
import { statusAct } from './status-words.js';
import { isMovable, nextStatuses, whyNotYet } from './transitions.js';
import { useAct } from './use-act.js';
import type { Dialogs } from './use-dialogs.js';
import { say } from '../words/words.js';

interface StatusActionsProps {
  readonly appointment: Appointment;
  /** Without dialogs only the next step is offered. */
  readonly dialogs?: Dialogs;
  readonly isProminent?: true;
}

/** The likely next step as a button, the others behind "More". */
export function StatusActions({ appointment, dialogs, isProminent }: StatusActionsProps) {
  const { http } = useDesk();
  const act = useAct(appointment.id);
  const more = usePopover();
  const now = useStore(halfMinutes);
  // What waits to be made is made first, when more is asked for.
  const is = appointment.pendingChange?.status ?? appointment.status;
  const offered = nextStatuses(is, 'doctor').filter((status) => status !== 'cancelled');
  const step = offered.find((status) => whyNotYet({ ...appointment, status: is }, status, now) === undefined);
  const others = offered.filter((status) => status !== step);
  const whose = `${appointment.patientName}, ${clockTime(appointment.startsAt, appointment.zone)}`;
  const move = (status: AppointmentStatus) =>
    void act.run(status, (key) => setStatus(http, appointment.id, status, key));

  return (
    <div className="actions">
      <PendingNote appointment={appointment} />
      {step !== undefined && (
        <button
          type="button"
          className={`button button--small${isProminent ? ' button--on-brand' : ''}`}
          disabled={act.isBusy}
          onClick={() => move(step)}
        >
          {statusAct(step)}
          <span className="sr-only">: {whose}</span>
        </button>
      )}
      {dialogs && offered.length > 0 && (
        <div ref={more.root} className="anchor">
          <button
            ref={more.opener}
            type="button"
            className="icon-button"
            aria-label={say('act.moreFor', { whose })}
            aria-expanded={more.isOpen}
            aria-controls={more.id}
            onClick={more.toggle}
          >
            <Icon name="more" />
          </button>
          {more.isOpen && (
            <Popover control={more} label={say('act.moreFor', { whose })} className="more">
              {others.map((status) => (
                <MoreItem
                  key={status}
                  label={statusAct(status)}
                  whyNot={whyNotYet({ ...appointment, status: is }, status, now)}
                  onChoose={() => (more.close(), move(status))}
                />
              ))}
              {isMovable(is) && (
                <MoreItem
                  label={say('act.reschedule')}
                  onChoose={() => (more.close(), dialogs.reschedule(appointment))}
                />
              )}
              <MoreItem
                label={say('act.cancel')}
                isDanger
                onChoose={() => (more.close(), dialogs.cancel(appointment))}
              />
            </Popover>
          )}
        </div>
      )}
      <div className="actions__failure">
        <FormAlert>{act.failure}</FormAlert>
      </div>
    </div>
  );
}

interface MoreItemProps {
  readonly label: string;
  readonly isDanger?: true;
  /** Why it can't be done now. */
  readonly whyNot?: string | undefined;
  readonly onChoose: () => void;
}

function MoreItem({ label, isDanger, whyNot, onChoose }: MoreItemProps) {
  return (
    // Not `disabled`: who goes by the keys is to hear why.
    <button
      type="button"
      className={`more__item${isDanger ? ' more__item--danger' : ''}`}
      aria-disabled={whyNot !== undefined}
      onClick={whyNot === undefined ? onChoose : undefined}
    >
      {label}
      {whyNot !== undefined && <span className="muted small"> {whyNot}</span>}
    </button>
  );
}
