import { useState, type FormEvent } from 'react';
import { maxReasonLength } from '../../../src/clinic/text-lengths.js';
import { useDesk } from '../app/app-context.js';
import { cancel } from '../api/appointments.js';
import type { Appointment } from '../api/types.js';
import { clock } from '../state/clock.js';
import { dayAndTime } from '../time/clock-time.js';
import { Dialog } from '../ui/dialog.js';
import { Gone } from './gone.js';
import { SubmitRow } from './submit-row.js';
import { nextStatuses } from './transitions.js';
import { useAct } from './use-act.js';
import { say } from '../words/words.js';

interface CancelDialogProps {
  readonly appointment: Appointment;
  readonly onClose: () => void;
}

export function CancelDialog({ appointment, onClose }: CancelDialogProps) {
  const { http, user } = useDesk();
  const { id, doctorName, patientName, startsAt, zone, status } = appointment;
  const [reason, setReason] = useState('');
  const act = useAct(id);
  const other = user.role === 'patient' ? doctorName : patientName;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (await act.run(reason, (key) => cancel(http, id, reason, key))) onClose();
  }

  return (
    <Dialog
      title={say('cancel.title')}
      subtitle={`${other}, ${dayAndTime(startsAt, zone, clock.now())}`}
      onClose={onClose}
    >
      {!nextStatuses(status, user.role).includes('cancelled') ? (
        <Gone status={status} onClose={onClose} />
      ) : (
        <form className="form" onSubmit={(event) => void submit(event)}>
          <p>{say('cancel.told', { name: other })}</p>
          <label className="field">
            <span>
              {say('field.reason')}{' '}
              <span className="muted">{say('cancel.optional', { side: user.role })}</span>
            </span>
            <textarea
              dir="auto"
              rows={2}
              maxLength={maxReasonLength}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
          <SubmitRow
            label={say('cancel.do')}
            isBusy={act.isBusy}
            isReady
            isDanger
            onClose={onClose}
            backLabel={say('cancel.keep')}
            failure={act.failure}
          />
        </form>
      )}
    </Dialog>
  );
}
