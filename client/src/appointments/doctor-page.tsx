import { useDesk } from '../app/app-context.js';
import { halfMinutes } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import type { Appointment } from '../api/types.js';
import { Views } from '../week/views.js';
import { DayHead } from './day-head.js';
import { DayList } from './day-list.js';
import { NextPatient } from './next-patient.js';
import { useDay } from './use-day.js';
import { useDialogs } from './use-dialogs.js';
import './day.css';
import './patient.css';
import '../week/week.css';

export function DoctorPage() {
  const { user } = useDesk();
  const now = useStore(halfMinutes);
  const day = useDay(now);
  const dialogs = useDialogs();
  return (
    <>
      <DayHead eyebrow={user.name} day={day} onBook={() => dialogs.book({ day: day.day })} />
      <Views current="day" day={day.isToday ? undefined : day.day} />
      {day.isToday && <NextPatient appointment={next(day.rows, now)} now={now} />}
      <DayList key={day.day} day={day} now={now} dialogs={dialogs} />
      {dialogs.element}
    </>
  );
}

/** The patients who are here, the longest waiting first; else those who come next. */
function next(rows: readonly Appointment[], now: number): Appointment | undefined {
  return (
    rows.find(({ status }) => status === 'checked-in') ??
    rows.find(({ status }) => status === 'arrived') ??
    rows.find(({ status, endsAt }) => status === 'booked' && Date.parse(endsAt) > now)
  );
}
