import { useEffect, useState, type FormEvent } from 'react';
import { maxReasonLength } from '../../../src/clinic/text-lengths.js';
import { useDesk } from '../app/app-context.js';
import { book, listDoctors } from '../api/appointments.js';
import { explain } from '../api/problem.js';
import type { Doctor, Patient } from '../api/types.js';
import { clock } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { dayOf, type Day } from '../time/day.js';
import { Dialog } from '../ui/dialog.js';
import { LoadError, Skeleton } from '../ui/list-states.js';
import { LengthChoice } from './length-choice.js';
import { PatientChoice } from './patient-choice.js';
import { SlotPicker } from './slot-picker.js';
import { SubmitRow } from './submit-row.js';
import { isMovable } from './transitions.js';
import { useAct } from './use-act.js';
import { usualMinutes, useFirstFreeDay } from './use-first-free-day.js';
import { useFreeSlots } from './use-free-slots.js';
import { say } from '../words/words.js';

/** What is known already of an appointment that is to be booked. */
export interface BookingStart {
  readonly doctorId?: number;
  readonly day?: Day;
}

interface BookingDialogProps extends BookingStart {
  readonly onClose: () => void;
}

/** Patients book for themselves, doctors and operators for somebody whom they look up. */
export function BookingDialog({ doctorId: given, day: givenDay, onClose }: BookingDialogProps) {
  const { http, clinic, calendar, user, toasts } = useDesk();
  const isForOther = user.role !== 'patient';
  const [patient, setPatient] = useState<Patient | null>(null);
  const { doctors, error, reload } = useDoctors();
  const [doctorId, setDoctorId] = useState<number | null>(given ?? (user.role === 'doctor' ? user.id : null));
  const today = dayOf(clock.now(), useStore(clinic)?.zone);
  const [chosenDay, chooseDay] = useState<Day | null>(givenDay ?? null);
  const [minutes, setMinutes] = useState(usualMinutes);
  const [start, setStart] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const doctor = doctorId ?? doctors?.[0]?.id ?? null;
  const firstDay = useFirstFreeDay(doctor, today);
  const day = chosenDay ?? firstDay;
  const free = useFreeSlots(day === null ? null : doctor, day ?? today);
  const act = useAct();
  const { rows } = useStore(calendar.state);
  const wish = {
    doctorId: doctor,
    startsAt: start,
    durationMinutes: minutes,
    ...(reason !== '' && { reason }),
    ...(patient && { patientId: patient.id }),
  };
  const isTwice = act.isSecond(wish);
  const isOwn = [...rows.values()].some(
    (row) =>
      row.startsAt === start &&
      row.doctorId === doctor &&
      row.patientId === (isForOther ? patient?.id : user.id) &&
      isMovable(row.status),
  );

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (doctor === null || start === null || (isForOther && !patient)) return;
    // The second time it is meant.
    const booking = {
      ...wish,
      doctorId: doctor,
      startsAt: start,
      ...(isTwice && { confirm: true as const }),
    };
    if (await act.run(booking, (key) => book(http, booking, key))) onClose();
    else free.reload();
  }

  // It was booked, by us, and only the answer was lost: its row has come another way.
  const isDone = isOwn && (act.isUncertain || (!act.isBusy && act.failure !== ''));
  const { settle } = act;
  useEffect(() => {
    if (!isDone) return;
    settle();
    toasts.show({
      tone: 'news',
      title: say('book.booked'),
      text: say('book.inList'),
      isSticky: false,
      about: [],
    });
    onClose();
  }, [isDone, settle, toasts, onClose]);

  return (
    <Dialog title={say('book.title')} onClose={onClose}>
      {!doctors && error === null && <Skeleton label={say('book.loading')} rows={3} />}
      {!doctors && error !== null && <LoadError text={error} onRetry={reload} />}
      {doctors && (
        <form className="form" onSubmit={(event) => void submit(event)}>
          {isForOther && <PatientChoice chosen={patient} onChoose={setPatient} />}
          {user.role !== 'doctor' && (
            <label className="field">
              <span>{say('field.doctorId')}</span>
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
          )}
          <LengthChoice minutes={minutes} onChange={setMinutes} />
          <label className="field">
            <span>
              {say('field.reason')} <span className="muted">{say('common.optional')}</span>
            </span>
            <textarea
              dir="auto"
              rows={2}
              maxLength={maxReasonLength}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
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
          <SubmitRow
            label={say(isTwice ? 'book.both' : 'book.do')}
            isBusy={act.isBusy}
            isReady={start !== null && (!isForOther || patient !== null)}
            onClose={onClose}
            // Of another time it says nothing.
            failure={act.code === 'double_booking' && !isTwice ? '' : act.failure}
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
