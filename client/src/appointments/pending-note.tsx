import { useEffect } from 'react';
import { useDesk } from '../app/app-context.js';
import { takeBack } from '../api/appointments.js';
import type { Appointment } from '../api/types.js';
import { clock, seconds } from '../state/clock.js';
import { useStore } from '../state/use-store.js';
import { FormAlert } from '../ui/alert.js';
import { statusIs, statusLabel } from './status-words.js';
import { useAct } from './use-act.js';
import { say } from '../words/words.js';

/** What becomes of it in a moment, and the way back. */
export function PendingNote({ appointment }: { readonly appointment: Appointment }) {
  const { id, pendingChange: pending } = appointment;
  return pending ? <Countdown key={pending.at} id={id} at={pending.at} status={pending.status} /> : null;
}

interface CountdownProps {
  readonly id: number;
  readonly at: string;
  readonly status: Appointment['status'];
}

function Countdown({ id, at, status }: CountdownProps) {
  const { http, calendar } = useDesk();
  const act = useAct(id);
  useStore(seconds);
  const left = Math.max(0, Math.ceil((Date.parse(at) - clock.now()) / 1_000));
  const isDue = left === 0;
  // News of it comes by itself, unless the connection is away.
  useEffect(() => {
    if (!isDue) return undefined;
    const timer = setInterval(() => void calendar.refresh(id), 2_000);
    return () => clearInterval(timer);
  }, [isDue, calendar, id]);
  const what = statusLabel(status);
  return (
    <div className="pending">
      <span role="status" className="sr-only">
        {say('pending.soon', { what })}
      </span>
      <span className="small" aria-hidden="true">
        {isDue ? what : say('pending.in', { what, left })}
      </span>
      <button
        type="button"
        className="button button--small"
        disabled={act.isBusy || isDue}
        aria-label={say('pending.undoWhat', { what: statusIs(status) })}
        onClick={() => void act.run(at, () => takeBack(http, id))}
      >
        {say('common.undo')}
      </button>
      <FormAlert>{act.failure}</FormAlert>
    </div>
  );
}
