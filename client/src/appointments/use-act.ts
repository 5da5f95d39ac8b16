import { useEffect, useRef, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { idempotencyKey } from '../api/idempotency-key.js';
import { explain, hasCode, Unreachable } from '../api/problem.js';
import type { Appointment } from '../api/types.js';

/** A change that a person makes, and how it stands. */
export interface Act {
  readonly isBusy: boolean;
  readonly failure: string;
  /** No answer came: it may have been done. */
  readonly isUncertain: boolean;
  /**
   * Runs a change and shows its row; resolves with whether it was done.
   * @param wish what is asked for: as long as it is the same and nobody knows what became of it, so is its key
   */
  run(wish: unknown, change: (key: string) => Promise<Appointment>): Promise<boolean>;
}

interface Outcome {
  readonly failure: string;
  readonly isUncertain: boolean;
}

const nothingYet: Outcome = { failure: '', isUncertain: false };

/** One change of an appointment by the user: while it runs, what became of it, and why not. */
export function useAct(appointmentId?: number): Act {
  const { calendar, toasts } = useDesk();
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState(nothingYet);
  const open = useRef<{ readonly wish: string; readonly key: string }>(null);
  /** Not when the row came to where there is no such button any more: nobody would see a failure beside it. */
  const isThere = useRef(true);
  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
    };
  }, []);

  async function run(wish: unknown, change: (key: string) => Promise<Appointment>): Promise<boolean> {
    const words = JSON.stringify(wish);
    if (open.current?.wish !== words) open.current = { wish: words, key: idempotencyKey() };
    setBusy(true);
    setOutcome(nothingYet);
    try {
      calendar.put(await change(open.current.key));
      open.current = null;
      return true;
    } catch (error) {
      const failed = { failure: sentence(error), isUncertain: error instanceof Unreachable };
      if (failed.isUncertain) setOutcome(failed);
      else open.current = null;
      // What we see may be what made it fail; and what isn't known to be done may be in the list by now.
      await (appointmentId === undefined ? calendar.reload() : calendar.refresh(appointmentId));
      await rendered();
      if (isThere.current) setOutcome(failed);
      else toasts.show({ tone: 'error', title: 'Not done', text: failed.failure, isSticky: true, about: [] });
      return false;
    } finally {
      setBusy(false);
    }
  }

  return { isBusy, ...outcome, run };
}

function rendered(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function sentence(error: unknown): string {
  if (hasCode(error, 'illegal_transition'))
    return 'Somebody was faster: that isn’t possible any more. You now see the appointment as it is.';
  return explain(error);
}
