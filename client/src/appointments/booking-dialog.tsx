import { useEffect, useState, type FormEvent } from 'react';
import { maxReasonLength } from '../../../src/clinic/text-lengths.js';
import { useDesk } from '../app/app-context.js';
import { book, listDoctors } from '../api/appointments.js';
import { explain } from '../api/problem.js';
import type { Doctor } from '../api/types.js';
import { clock } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { dayOf, type Day } from '../time/day.js';
import { Dialog } from '../ui/dialog.js';
import { LoadError, Skeleton } from '../ui/list-states.js';
import { LengthChoice } from './length-choice.js';
import { SlotPicker } from './slot-picker.js';
import { SubmitRow } from './submit-row.js';
import { isMovable } from './transitions.js';
import { useAct } from './use-act.js';
import { usualMinutes, useFirstFreeDay } from './use-first-free-day.js';
import { useFreeSlots } from './use-free-slots.js';

export function BookingDialog({ onClose }: { readonly onClose: () => void }) {
  const { http, clinic, calendar } = useDesk();
  const { doctors, error, reload } = useDoctors();
  const [doctorId, setDoctorId] = useState<number | null>(null);
  const today = dayOf(clock.now(), useStore(clinic)?.zone);
  const [chosenDay, chooseDay] = useState<Day | null>(null);
  const [minutes, setMinutes] = useState(usualMinutes);
  const [start, setStart] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const doctor = doctorId ?? doctors?.[0]?.id ?? null;
  const firstDay = useFirstFreeDay(doctor, today);
  const day = chosenDay ?? firstDay;
  const free = useFreeSlots(day === null ? null : doctor, day ?? today);
  const act = useAct();
  const { rows } = useStore(calendar.state);
  const isOwn = [...rows.values()].some(
    (row) => row.startsAt === start && row.doctorId === doctor && isMovable(row.status),
  );

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (doctor === null || start === null) return;
    const booking = {
      doctorId: doctor,
      startsAt: start,
      durationMinutes: minutes,
      ...(reason !== '' && { reason }),
    };
    if (await act.run(booking, (key) => book(http, booking, key))) onClose();
    else free.reload();
  }

  return (
    <Dialog title="Book an appointment" onClose={onClose}>
      {!doctors && error === null && <Skeleton label="Loading doctors" rows={3} />}
      {!doctors && error !== null && <LoadError text={error} onRetry={reload} />}
      {doctors && (
        <form className="form" onSubmit={(event) => void submit(event)}>
          <label className="field">
            <span>Doctor</span>
            <select
              value={doctor ?? ''}
              onChange={(event) => (setDoctorId(Number(event.target.value)), setStart(null))}
            >
              {doctors.map(({ id, name, specialty }) => (
                <option key={id} value={id}>
                  {[name, specialty].filter(Boolean).join(', ')}
                </option>
              ))}
            </select>
          </label>
          <LengthChoice minutes={minutes} onChange={setMinutes} />
          <SlotPicker
            free={free}
            day={day ?? today}
            onDay={(next) => (chooseDay(next), setStart(null))}
            durationMinutes={minutes}
            chosen={start}
            // What was perhaps booked here may be what takes the time.
            isTakenByOthers={!isOwn && !act.isUncertain && !act.isBusy}
            // From now on the day stays, whatever becomes free.
            onChoose={(next) => (chooseDay(day), setStart(next))}
          />
          <label className="field">
            <span>
              Reason <span className="muted">(optional)</span>
            </span>
            <textarea
              rows={2}
              maxLength={maxReasonLength}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
          <SubmitRow
            label="Book"
            isBusy={act.isBusy}
            isReady={start !== null}
            onClose={onClose}
            failure={
              isOwn && act.failure !== ''
                ? 'This appointment is yours already; it is in your list.'
                : act.failure
            }
          />
        </form>
      )}
    </Dialog>
  );
}

function useDoctors() {
  const { http } = useDesk();
  const [doctors, setDoctors] = useState<readonly Doctor[] | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    listDoctors(http).then(
      (list) => {
        if (isCurrent) setDoctors(list);
      },
      (reason: unknown) => {
        if (isCurrent) setError(explain(reason));
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [http, round]);
  function reload(): void {
    setError(null);
    setRound((n) => n + 1);
  }
  return { doctors, error, reload };
}
