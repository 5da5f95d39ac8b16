import { useRef, useState, type FormEvent } from 'react';
import { maxReasonLength } from '../../../src/clinic/text-lengths.js';
import { useDesk } from '../app/app-context.js';
import { addTimeOff } from '../api/doctor-time.js';
import { idempotencyKey } from '../api/idempotency-key.js';
import { explain } from '../api/problem.js';
import { isGone } from '../appointments/appointment-list.js';
import { SubmitRow } from '../appointments/submit-row.js';
import { useStore } from '../state/use-store.js';
import type { Day } from '../time/day.js';
import { instantOf } from '../time/instant-of.js';
import { Dialog } from '../ui/dialog.js';

interface BlockDialogProps {
  readonly doctorId: number;
  readonly zone: string;
  readonly day: Day;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** A time in which nothing can be booked: an hour, a day, holidays. */
export function BlockDialog({ doctorId, zone, day, onClose, onDone }: BlockDialogProps) {
  const { http, calendar } = useDesk();
  const [isWholeDays, setWholeDays] = useState(false);
  const [from, setFrom] = useState({ day, time: '12:00' });
  const [to, setTo] = useState({ day, time: '13:00' });
  const [note, setNote] = useState('');
  const [failure, setFailure] = useState('');
  const [isBusy, setBusy] = useState(false);
  const key = useRef(idempotencyKey());
  const { rows } = useStore(calendar.state);

  const start = instantOf(from.day, isWholeDays ? '00:00' : from.time, zone);
  const end = instantOf(to.day, isWholeDays ? '24:00' : to.time, zone);
  const inside = [...rows.values()].filter(
    (row) =>
      row.doctorId === doctorId &&
      !isGone(row) &&
      Date.parse(row.startsAt) < end &&
      Date.parse(row.endsAt) > start,
  ).length;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure('');
    const [startsAt, endsAt] = [start, end].map((instant) => new Date(instant).toISOString()) as [
      string,
      string,
    ];
    try {
      await addTimeOff(http, doctorId, { startsAt, endsAt, note: note === '' ? null : note }, key.current);
      onDone();
      onClose();
    } catch (error) {
      // What is asked for next may be something else.
      key.current = idempotencyKey();
      setFailure(explain(error));
      setBusy(false);
    }
  }

  return (
    <Dialog title="Block time" subtitle="Nothing can be booked in it" onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <label className="check">
          <input
            type="checkbox"
            checked={isWholeDays}
            onChange={(event) => setWholeDays(event.target.checked)}
          />
          <span>Whole days</span>
        </label>
        <Moment label="From" moment={from} hasTime={!isWholeDays} onChange={setFrom} />
        <Moment label="To" moment={to} hasTime={!isWholeDays} onChange={setTo} />
        <label className="field">
          <span>
            Note <span className="muted">(optional; for those who work here)</span>
          </span>
          <input value={note} maxLength={maxReasonLength} onChange={(event) => setNote(event.target.value)} />
        </label>
        <p role="status" className="small">
          {inside > 0 &&
            `${inside === 1 ? 'An appointment lies' : `${inside} appointments lie`} in this time. They stay until somebody moves or cancels them.`}
        </p>
        <SubmitRow
          label="Block"
          isBusy={isBusy}
          isReady={start < end}
          onClose={onClose}
          failure={start < end ? failure : 'The end must be later than the start.'}
        />
      </form>
    </Dialog>
  );
}

interface Place {
  readonly day: Day;
  readonly time: string;
}

interface MomentProps {
  readonly label: string;
  readonly moment: Place;
  readonly hasTime: boolean;
  readonly onChange: (moment: Place) => void;
}

function Moment({ label, moment, hasTime, onChange }: MomentProps) {
  return (
    <fieldset className="field moment">
      <legend>{label}</legend>
      <input
        type="date"
        required
        aria-label={`${label}, date`}
        value={moment.day}
        onChange={({ target }) => {
          if (target.value !== '') onChange({ ...moment, day: target.value });
        }}
      />
      {hasTime && (
        <input
          type="time"
          required
          step={900}
          aria-label={`${label}, time`}
          value={moment.time}
          onChange={({ target }) => {
            if (target.value !== '') onChange({ ...moment, time: target.value });
          }}
        />
      )}
    </fieldset>
  );
}
