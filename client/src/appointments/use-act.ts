import { useCallback, useEffect, useRef, useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { idempotencyKey } from '../api/idempotency-key.js';
import { explain, hasCode, Problem, Unreachable } from '../api/problem.js';
import type { Appointment } from '../api/types.js';
import { say } from '../words/words.js';

/** A change that a person makes, and how it stands. */
export interface Act {
  readonly isBusy: boolean;
  readonly failure: string;
  /** The server's word for why it refused. */
  readonly code: string | undefined;
  /** No answer came: it may have been done. */
  readonly isUncertain: boolean;
  /**
   * Runs a change and shows its row; resolves with whether it was done. What got no answer is asked for again with the
   * same key, as long as somebody looks at it.
   * @param wish what is asked for: as long as it is the same and nobody knows what became of it, so is its key
   */
  run(wish: unknown, change: (key: string) => Promise<Appointment>): Promise<boolean>;
  /** Whether exactly this was refused as a second appointment at its time: asked for again, it is meant. */
  isSecond(wish: unknown): boolean;
  /** It is known otherwise to be done: what is still under way has nothing to say any more. */
  readonly settle: () => void;
}

interface Outcome {
  readonly failure: string;
  readonly code: string | undefined;
  readonly isUncertain: boolean;
  /** Of what was asked for. */
  readonly wish?: string;
}

const nothingYet: Outcome = { failure: '', code: undefined, isUncertain: false };

/** Pauses before it is asked for again; then the user has to. */
const againMs = [2_000, 5_000, 10_000, 20_000];

/** One change of an appointment by the user: while it runs, what became of it, and why not. */
export function useAct(appointmentId?: number): Act {
  const { calendar, toasts } = useDesk();
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState(nothingYet);
  const open = useRef<{ readonly wish: string; readonly key: string }>(null);
  /** Not when the row came to where there is no such button any more: nobody would see a failure beside it. */
  const isThere = useRef(true);
  const isSettled = useRef(false);
  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
    };
  }, []);

  async function persist(change: () => Promise<Appointment>): Promise<Appointment> {
    for (const waitMs of againMs) {
      try {
        return await change();
      } catch (error) {
        if (!(error instanceof Unreachable) || !isThere.current || isSettled.current) throw error;
        setOutcome({ ...outcomeOf(error), failure: say('act.again') });
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
    return change();
  }

  async function run(wish: unknown, change: (key: string) => Promise<Appointment>): Promise<boolean> {
    const words = JSON.stringify(wish);
    if (open.current?.wish !== words) open.current = { wish: words, key: idempotencyKey() };
    const { key } = open.current;
    setBusy(true);
    setOutcome(nothingYet);
    isSettled.current = false;
    try {
      calendar.put(await persist(() => change(key)));
      open.current = null;
      setOutcome(nothingYet);
      return true;
    } catch (error) {
      if (isSettled.current) return true;
      const failed = { ...outcomeOf(error), wish: words };
      if (failed.isUncertain) setOutcome(failed);
      else open.current = null;
      // What we see may be what made it fail; and what isn't known to be done may be in the list by now.
      await (appointmentId === undefined ? calendar.reload() : calendar.refresh(appointmentId));
      await rendered();
      if (isThere.current) setOutcome(failed);
      else
        toasts.show({
          tone: 'error',
          title: say('act.notDone'),
          text: failed.failure,
          isSticky: true,
          about: [],
        });
      return false;
    } finally {
      setBusy(false);
    }
  }

  const settle = useCallback(() => {
    isSettled.current = true;
  }, []);

  const isSecond = (wish: unknown): boolean =>
    outcome.code === 'double_booking' && outcome.wish === JSON.stringify(wish);

  return { isBusy, ...outcome, run, isSecond, settle };
}

function rendered(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function outcomeOf(error: unknown): Outcome {
  return {
    failure: sentence(error),
    code: error instanceof Problem ? error.code : undefined,
    isUncertain: error instanceof Unreachable,
  };
}

function sentence(error: unknown): string {
  if (hasCode(error, 'illegal_transition')) return say('problem.illegal_transition');
  return explain(error);
}
