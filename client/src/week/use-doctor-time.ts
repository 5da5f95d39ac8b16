import { useCallback, useEffect, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { getHours, listTimesOff, removeTimeOff } from '../api/doctor-time.js';
import { explain } from '../api/problem.js';
import type { DoctorHours, TimeOff } from '../api/types.js';

/** When a doctor is there, as far as a span is concerned. */
export interface DoctorTime {
  /** Undefined while it is loaded. */
  readonly hours: DoctorHours | undefined;
  readonly timesOff: readonly TimeOff[];
  readonly error: string | null;
  readonly reload: () => void;
  /** Gives a time off back. */
  readonly giveBack: (timeOffId: number) => Promise<void>;
  /** Why that was refused; empty where it wasn't. */
  readonly failure: string;
}

interface Loaded {
  readonly doctorId: number;
  readonly hours: DoctorHours;
  readonly timesOff: readonly TimeOff[];
}

/** @param from without it and `to`, the times off that aren't over */
export function useDoctorTime(doctorId: number | undefined, from?: string, to?: string): DoctorTime {
  const { http } = useDesk();
  const [loaded, setLoaded] = useState<Loaded>();
  const [error, setError] = useState<string | null>(null);
  const [failure, setFailure] = useState('');
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  useEffect(() => {
    if (doctorId === undefined) return undefined;
    const leave = new AbortController();
    const span = from === undefined || to === undefined ? undefined : { from, to };
    Promise.all([getHours(http, doctorId), listTimesOff(http, doctorId, span, leave.signal)]).then(
      ([hours, timesOff]) => {
        if (leave.signal.aborted) return;
        setLoaded({ doctorId, hours, timesOff });
        setError(null);
      },
      (reason: unknown) => {
        if (!leave.signal.aborted) setError(explain(reason));
      },
    );
    return () => leave.abort();
  }, [http, doctorId, from, to, round]);
  async function giveBack(timeOffId: number): Promise<void> {
    if (doctorId === undefined) return;
    try {
      setFailure('');
      await removeTimeOff(http, doctorId, timeOffId);
    } catch (reason) {
      setFailure(explain(reason));
    }
    reload();
  }

  const current = loaded?.doctorId === doctorId ? loaded : undefined;
  return { hours: current?.hours, timesOff: current?.timesOff ?? [], error, reload, giveBack, failure };
}
