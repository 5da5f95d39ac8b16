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
import { say } from '../words/words.js';

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
    <Dialog title={say('block.title')} subtitle={say('block.subtitle')} onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <label className="check">
          <input
            type="checkbox"
            checked={isWholeDays}
            onChange={(event) => setWholeDays(event.target.checked)}
          />
          <span>{say('block.whole')}</span>
        </label>
        <Moment label={say('common.from')} moment={from} hasTime={!isWholeDays} onChange={setFrom} />
        <Moment label={say('common.to')} moment={to} hasTime={!isWholeDays} onChange={setTo} />
        <label className="field">
          <span>
            {say('block.note')} <span className="muted">{say('block.forStaff')}</span>
          </span>
          <input
            dir="auto"
            value={note}
            maxLength={maxReasonLength}
            onChange={(event) => setNote(event.target.value)}
          />
        </label>
        <p role="status" className="small">
          {inside > 0 && say('block.inside', { count: inside })}
        </p>
        <SubmitRow
          label={say('block.do')}
          isBusy={isBusy}
          isReady={start < end}
          onClose={onClose}
          failure={start < end ? failure : say('block.end')}
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
        aria-label={say('block.dateOf', { label })}
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
          aria-label={say('block.timeOf', { label })}
          value={moment.time}
          onChange={({ target }) => {
            if (target.value !== '') onChange({ ...moment, time: target.value });
          }}
        />
      )}
    </fieldset>
  );
}
