import { useState, type FormEvent } from 'react';
import { explain } from '../api/problem.js';

/** Words for a failure, where the form knows better ones than everybody; undefined where it doesn't. */
export type Explain = (error: unknown) => string | undefined;

/**
 * One attempt of a form at a time, and what came of it. A form that is gone when it succeeds loses nothing.
 * @param inOwnWords for failures that mean something here
 */
export function useSubmit(inOwnWords: Explain = () => undefined) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [done, setDone] = useState('');
  const [isBusy, setBusy] = useState(false);

  async function attempt(work: () => Promise<string | void>): Promise<void> {
    setBusy(true);
    setFailure(null);
    setDone('');
    try {
      setDone((await work()) ?? '');
    } catch (error) {
      setFailure({ error, text: inOwnWords(error) ?? explain(error) });
    }
    setBusy(false);
  }

  return {
    /** In words, for the form's alert; empty where nothing failed. */
    failure: failure?.text ?? '',
    /** What failed. */
    error: failure?.error,
    /** What `work` says of its success. */
    done,
    isBusy,
    /** For `onSubmit`. @param work what is said when it is done, if anything */
    submit: (work: () => Promise<string | void>) => (event: FormEvent) => {
      event.preventDefault();
      void attempt(work);
    },
  };
}

interface Failure {
  readonly error: unknown;
  readonly text: string;
}
