import { useDesk } from '../app/app-context.js';
import { path } from '../app/router.js';
import type { Appointment } from '../api/types.js';
import { useStore } from '../state/use-store.js';
import { dayOf, isDay, shiftDay, type Day } from '../time/day.js';
import { onDay } from './appointment-list.js';
import type { CalendarState } from './calendar.js';
import { useCalendar } from './use-calendar.js';

/** The day that the page shows. */
export interface ShownDay {
  readonly day: Day;
  readonly today: Day;
  readonly isToday: boolean;
  readonly zone: string | undefined;
  readonly rows: readonly Appointment[];
  readonly state: CalendarState;
}

/** The day that the path names, `/day/2026-11-21`, or today. */
export function useDay(now: number): ShownDay {
  const asked = useStore(path).match(/^\/day\/([^/]+)$/)?.[1];
  const local = asked !== undefined && isDay(asked) ? asked : dayOf(now);
  // A day of the clinic lies within three days of Greenwich, wherever the clinic is.
  const state = useCalendar({
    from: `${shiftDay(local, -1)}T00:00:00Z`,
    to: `${shiftDay(local, 2)}T00:00:00Z`,
  });
  const zone = useStore(useDesk().clinic)?.zone;
  const today = dayOf(now, zone);
  const day = asked !== undefined && isDay(asked) ? asked : today;
  return { day, today, isToday: day === today, zone, rows: onDay(state.rows, day), state };
}
