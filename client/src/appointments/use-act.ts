import { useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { explain, hasCode } from '../api/problem.js';
import type { Appointment } from '../api/types.js';

export interface Act {
  readonly isBusy: boolean;
  readonly failure: string;
  /** Runs a change and shows its row; resolves with whether it was done. */
  run(change: () => Promise<Appointment>): Promise<boolean>;
}

/** One change of an appointment by the user: while it runs, what became of it, and why not. */
export function useAct(appointmentId?: number): Act {
  const { calendar } = useDesk();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState('');

  async function run(change: () => Promise<Appointment>): Promise<boolean> {
    setBusy(true);
    setFailure('');
    try {
      calendar.put(await change());
      return true;
    } catch (error) {
      setFailure(sentence(error));
      // What we see may be what made it fail.
      if (appointmentId !== undefined) void calendar.refresh(appointmentId);
      return false;
    } finally {
      setBusy(false);
    }
  }

  return { isBusy, failure, run };
}

function sentence(error: unknown): string {
  if (hasCode(error, 'illegal_transition'))
    return 'Somebody was faster: that isn’t possible any more. You now see the appointment as it is.';
  return explain(error);
}
