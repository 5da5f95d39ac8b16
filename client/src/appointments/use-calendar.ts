import { useEffect } from 'react';
import { useDesk } from '../app/app-context.js';
import type { Span } from '../api/appointments.js';
import { useStore } from '../state/use-store.js';
import { asOfTime } from '../time/as-of.js';
import type { CalendarState } from './calendar.js';
import { say } from '../words/words.js';

/** Shows a span of the calendar; the parts of it are values, so a new object with the same ones loads nothing. */
export function useCalendar({ from, to }: Span): CalendarState {
  const { calendar } = useDesk();
  useEffect(() => {
    void calendar.show({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  }, [calendar, from, to]);
  return useStore(calendar.state);
}

/** "As of 10:42" while the page can't hear of news; undefined while it can. */
export function useStaleness({ asOf, isKept, error }: CalendarState): string | undefined {
  const { realtime } = useDesk();
  const { state } = useStore(realtime.status);
  const isKnownDown = state === 'waiting' || state === 'offline' || state === 'stopped';
  if (asOf === null) return undefined;
  return isKnownDown || (isKept && error !== null) ? say('panel.asOf', { time: asOfTime(asOf) }) : undefined;
}
