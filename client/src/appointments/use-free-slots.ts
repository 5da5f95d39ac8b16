import { useCallback, useEffect, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { freeSlots } from '../api/appointments.js';
import { explain } from '../api/problem.js';
import type { Slots } from '../api/types.js';
import type { Day } from '../time/day.js';

/** The time that a doctor has free, as far as it is known. */
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
  const [answer, setAnswer] = useState<Answer>(none);
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((n) => n + 1), []);

  useEffect(() => {
    if (doctorId === null) return undefined;
    const leave = new AbortController();
    freeSlots(http, doctorId, day, leave.signal).then(
      (slots) => setAnswer({ doctorId, day, slots, error: null }),
      (reason: unknown) => {
        if (leave.signal.aborted) return;
        const error = explain(reason);
        setAnswer((before) =>
          answers(before, doctorId, day) ? { ...before, error } : { doctorId, day, slots: null, error },
        );
      },
    );
    const timer = setTimeout(reload, lookAgainMs);
    return () => {
      leave.abort();
      clearTimeout(timer);
    };
  }, [http, doctorId, day, round, reload]);

  // What was free on another day, or of another doctor, must not be taken for this one's.
  const { slots, error } = answers(answer, doctorId, day) ? answer : none;
  return { slots, error, reload };
}

interface Answer extends Omit<FreeSlots, 'reload'> {
  readonly doctorId: number | null;
  readonly day: Day | null;
}

const none: Answer = { doctorId: null, day: null, slots: null, error: null };

function answers(answer: Answer, doctorId: number | null, day: Day): boolean {
  return answer.doctorId === doctorId && answer.day === day;
}
