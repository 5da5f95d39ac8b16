import { useCallback } from 'react';
import { useDesk } from '../app/app-context.js';
import { go } from '../app/router.js';
import { clock } from '../state/clock.js';
import { steadyNow } from '../state/steady-now.js';
import { dayOf } from '../time/day.js';
import { placeOf } from './appointment-list.js';

const patienceMs = 3_000;
const pathOf = { upcoming: '/', past: '/past', cancelled: '/cancelled' };

/** Leads to an appointment: to its page, then to its row, once that is there. */
export function useReveal(): (id: number) => void {
  const { user, calendar } = useDesk();
  return useCallback(
    (id) => {
      void calendar.refresh(id).then(() => {
        const row = calendar.state.get().rows.get(id);
        if (!row) return;
        if (user.role === 'patient') go(pathOf[placeOf(row, clock.now())]);
        else go(`/day/${dayOf(row.startsAt, row.zone)}`);
        focusRow(id, steadyNow() + patienceMs);
      });
    },
    [user, calendar],
  );
}

/** The id of the element that shows an appointment. */
export function rowId(id: number): string {
  return `appointment-${id}`;
}

/** The row comes with a later render, after its page has loaded. */
function focusRow(id: number, until: number): void {
  const row = document.getElementById(rowId(id));
  if (row) {
    row.scrollIntoView({ block: 'center' });
    row.focus({ preventScroll: true });
  } else if (steadyNow() < until) {
    requestAnimationFrame(() => focusRow(id, until));
  }
}
