import { useRef, useState } from 'react';
import type { Appointment } from '../api/types.js';
import type { Appointments } from './appointment-list.js';

interface HeldRows {
  readonly rows: readonly Appointment[];
  /** Of the list: rows keep their places while a pointer is over it. */
  readonly onPointerMove: () => void;
  readonly onPointerLeave: () => void;
}

/**
 * Rows that don't move under a pointer: what is new comes last for so long, and what goes elsewhere stays, each as it has
 * become.
 */
export function useHeldRows(rows: readonly Appointment[], known: Appointments): HeldRows {
  const [isHeld, setHeld] = useState(false);
  const order = useRef<readonly number[]>([]);
  const ids = rows.map(({ id }) => id);
  const next = isHeld ? [...new Set([...order.current, ...ids])] : ids;
  // Read and written in one render each, and the same again where React renders twice.
  order.current = next;
  return {
    rows: next.flatMap((id) => known.get(id) ?? []),
    onPointerMove: () => setHeld(true),
    onPointerLeave: () => setHeld(false),
  };
}
