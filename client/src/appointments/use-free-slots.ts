import { useCallback, useEffect, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { freeSlots } from '../api/appointments.js';
import { explain } from '../api/problem.js';
import type { Slots } from '../api/types.js';
import type { Day } from '../time/day.js';

export interface FreeSlots {
  /** Null while another doctor's or day's are on their way. */
  readonly slots: Slots | null;
  readonly error: string | null;
  readonly reload: () => void;
}

const lookAgainMs = 20_000;

/** A doctor's free time on a day; looked at again every while, because others book too. */
export function useFreeSlots(doctorId: number | null, day: Day): FreeSlots {
  const { http } = useDesk();
  const [answer, setAnswer] = useState<Omit<FreeSlots, 'reload'>>({ slots: null, error: null });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((n) => n + 1), []);

  useEffect(() => setAnswer({ slots: null, error: null }), [doctorId, day]);

  useEffect(() => {
    if (doctorId === null) return undefined;
    const leave = new AbortController();
    freeSlots(http, doctorId, day, leave.signal).then(
      (slots) => setAnswer({ slots, error: null }),
      (error: unknown) => {
        if (!leave.signal.aborted) setAnswer(({ slots }) => ({ slots, error: explain(error) }));
      },
    );
    const timer = setTimeout(reload, lookAgainMs);
    return () => {
      leave.abort();
      clearTimeout(timer);
    };
  }, [http, doctorId, day, round, reload]);

  return { ...answer, reload };
}
