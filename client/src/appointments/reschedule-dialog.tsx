import { useMemo, useState, type FormEvent } from 'react';
import { useDesk } from '../app/app-context.js';
import { reschedule } from '../api/appointments.js';
import type { Appointment } from '../api/types.js';
import { clock } from '../state/clock.js';
import { dayAndTime } from '../time/clock-time.js';
import { dayOf } from '../time/day.js';
import { Dialog } from '../ui/dialog.js';
import { withOwnCells } from './free-starts.js';
import { Gone } from './gone.js';
import { LengthChoice } from './length-choice.js';
import { SlotPicker } from './slot-picker.js';
import { SubmitRow } from './submit-row.js';
import { isMovable } from './transitions.js';
import { useAct } from './use-act.js';
import { useFreeSlots } from './use-free-slots.js';
import { say } from '../words/words.js';

interface RescheduleDialogProps {
  readonly appointment: Appointment;
  readonly onClose: () => void;
}

export function RescheduleDialog({ appointment, onClose }: RescheduleDialogProps) {
  const { http, user } = useDesk();
  const { id, doctorId, doctorName, patientName, startsAt, endsAt, zone, status } = appointment;
  const [day, setDay] = useState(firstDay(appointment));
  const [minutes, setMinutes] = useState(appointment.durationMinutes);
  const [start, setStart] = useState<string | null>(null);
  const free = useFreeSlots(doctorId, day);
  const slots = useMemo(() => {
    if (!free.slots || dayOf(startsAt, zone) !== day) return free.slots;
    return { ...free.slots, items: withOwnCells(free.slots.items, { startsAt, endsAt }) };
  }, [free.slots, startsAt, endsAt, zone, day]);
  const act = useAct(id);
  const wish = { startsAt: start, durationMinutes: minutes };
  const isTwice = act.isSecond(wish);

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (start === null) return;
    // The second time it is meant.
    const change = { ...wish, startsAt: start, ...(isTwice && { confirm: true as const }) };
    if (await act.run(change, (key) => reschedule(http, id, change, key))) onClose();
    else free.reload();
  }

  return (
    <Dialog
      title={say('act.reschedule')}
      subtitle={say('move.now', {
        name: user.role === 'patient' ? doctorName : patientName,
        when: dayAndTime(startsAt, zone, clock.now()),
      })}
      onClose={onClose}
    >
      {!isMovable(status) ? (
        <Gone status={status} onClose={onClose} />
      ) : (
        <form className="form" onSubmit={(event) => void submit(event)}>
          <LengthChoice minutes={minutes} onChange={setMinutes} />
          <SlotPicker
            free={{ ...free, slots }}
            day={day}
            onDay={(next) => {
              setDay(next);
              setStart(null);
            }}
            durationMinutes={minutes}
            chosen={start}
            isTakenByOthers={!act.isUncertain && !act.isBusy}
            onChoose={setStart}
          />
          <SubmitRow
            label={say(isTwice ? 'move.twice' : 'move.do')}
            isBusy={act.isBusy}
            isReady={start !== null}
            onClose={onClose}
            backLabel={say('move.keep')}
            // Of another time it says nothing.
            failure={act.code === 'double_booking' && !isTwice ? '' : act.failure}
          />
        </form>
      )}
    </Dialog>
  );
}

/** Its own day, or today when that is over. */
function firstDay({ startsAt, zone }: Appointment): string {
  const [own, today] = [dayOf(startsAt, zone), dayOf(clock.now(), zone)];
  return own < today ? today : own;
}
