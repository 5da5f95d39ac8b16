import { useEffect, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { freeSlots } from '../api/appointments.js';
import type { Http } from '../api/http.js';
import { shiftDay, type Day } from '../time/day.js';
import { freeStarts } from './free-starts.js';

/** Most appointments are so long. */
export const usualMinutes = 30;

/** Further ahead than this somebody chooses a day for himself. */
const searchedDays = 14;

/** From a day on, the first one on which a doctor has time. Null while it is looked for. */
export function useFirstFreeDay(doctorId: number | null, from: Day): Day | null {
  const { http } = useDesk();
  const [found, setFound] = useState<{ readonly doctorId: number; readonly from: Day; readonly day: Day }>();
  useEffect(() => {
    if (doctorId === null) return undefined;
    const leave = new AbortController();
    firstFreeDay(http, doctorId, from, leave.signal).then(
      (day) => setFound({ doctorId, from, day }),
      () => {
        // What is wrong shows with the times of that day, and can be tried again there.
        if (!leave.signal.aborted) setFound({ doctorId, from, day: from });
      },
    );
    return () => leave.abort();
  }, [http, doctorId, from]);
  return found?.doctorId === doctorId && found.from === from ? found.day : null;
}

async function firstFreeDay(http: Http, doctorId: number, from: Day, signal: AbortSignal): Promise<Day> {
  for (let ahead = 0; ahead < searchedDays; ahead++) {
    const day = shiftDay(from, ahead);
    const { items } = await freeSlots(http, doctorId, day, signal);
    if (freeStarts(items, usualMinutes).length > 0) return day;
  }
  return from;
}
